"""The calendar of campaigns and their pages, for anybody."""

from typing import Any

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http.etags import conditional
from core.http.paging import Keyset
from core.http.schema import operation
from core.periods import beginning_of
from marketplace.campaigns.api import outputs
from marketplace.campaigns.api.forms import CalendarQuery
from marketplace.campaigns.selectors import calendar
from marketplace.coupons.api.outputs import offer
from marketplace.coupons.selectors import shown

_BY_START = Keyset(("starts_at", "id"))
_IN_ORDER = Keyset(("id",))
GOODS_MAX, COUPONS_MAX = 20, 10


class Campaigns(APIView):
    """The calendar of campaigns."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the campaigns of some days, those that start first coming first",
        query=CalendarQuery,
        response=outputs.CampaignOutput,
        paged=True,
        etag=True,
    )
    def get(self, request: Request) -> Response:
        asked = CalendarQuery.read_query(request)
        first, last = asked.get("from"), asked.get("to")
        rows = calendar.public(start=first and beginning_of(first), end=last and beginning_of(last))
        now, position = timezone.now(), _BY_START.position(request)
        page = _BY_START.page_of(rows, position)

        def render(row: Any) -> dict[str, Any]:
            return outputs.campaign(row, now)

        return conditional(request, _BY_START.payload(request, position, page, render=render))


class CampaignPage(APIView):
    """The page of a campaign."""

    permission_classes = [AllowAny]

    @operation(
        summary="Read a campaign with its first goods and its coupons",
        response=outputs.CampaignPageOutput,
        refusals=(NotFound,),
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        now = timezone.now()
        row = calendar.one_public(slug)
        goods = calendar.goods_of(row, now=now).order_by("id")[:GOODS_MAX]
        batches = shown.offered_from(row.budget_id, now) if row.budget_id else ()
        page = outputs.campaign(row, now) | {
            "products": list(map(outputs.goods_at(now), goods)),
            "coupons": [offer(batch) for batch in batches[:COUPONS_MAX]],
        }
        return conditional(request, page)


class CampaignProducts(APIView):
    """What a campaign sells."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the goods of a campaign",
        response=outputs.CampaignGoodsOutput,
        refusals=(NotFound,),
        paged=True,
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        now, position = timezone.now(), _IN_ORDER.position(request)
        goods = calendar.goods_of(calendar.one_public(slug), now=now)
        rows = _IN_ORDER.page_of(goods, position)
        render = outputs.goods_at(now)
        return conditional(request, _IN_ORDER.payload(request, position, rows, render=render))
