"""What campaign money asks for at the pages of traces: a ring's coupons taken back at once."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.console.pages import ReadPage
from core.console.words import said
from core.transactions import entry
from marketplace.abuse.admin import TracePage
from marketplace.abuse.models import Trace
from marketplace.coupons.services import voiding


@admin.action(description=said("Void the ring's coupons", "作废团伙未使用的优惠券"))
def void_ring(page: ReadPage, request: HttpRequest, queryset: QuerySet[Trace]) -> None:
    """Void every unspent coupon of the people in the rings around the chosen traces."""
    actor, now, reason = page.actor(request), timezone.now(), page.reason(request)
    page.carry_out(
        request,
        queryset,
        lambda row: entry(voiding.void_ring)(row.reference, reason=reason, actor=actor, now=now),
    )


TracePage.actions = (*(TracePage.actions or ()), void_ring)
