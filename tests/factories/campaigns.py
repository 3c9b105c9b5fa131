"""Campaigns and enrolments for tests, brought to their state by the services that lead there."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from core.audit.actors import SYSTEM, Actor
from marketplace.campaigns.domain.drafts import Offer
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import campaigns, enrolments
from shops.catalogue.models import Product
from tests.factories.catalogue import a_product

_NUMBERS = itertools.count(1)
NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


def windows(now: datetime = NOON) -> dict[str, Any]:
    """Return windows of a campaign that is announced now and runs tomorrow, for two days."""
    return {
        "enrol_from": now - timedelta(days=1),
        "enrol_until": now + timedelta(days=2),
        "preheats_at": now - timedelta(hours=1),
        "starts_at": now + timedelta(days=1),
        "ends_at": now + timedelta(days=3),
    }


def running(now: datetime = NOON) -> dict[str, Any]:
    """Return windows of a campaign that began an hour ago."""
    return windows(now) | {
        "preheats_at": now - timedelta(hours=2),
        "starts_at": now - timedelta(hours=1),
    }


def a_campaign(
    slug: str = "", *, now: datetime = NOON, scheduled: bool = True, **changes: Any
) -> Campaign:
    """Return a campaign, scheduled unless told otherwise."""
    number = next(_NUMBERS)
    facts: dict[str, Any] = {
        "slug": slug or f"campaign-{number}",
        "kind": "FESTIVAL",
        "name": f"活动{number}",
        "name_en": f"Campaign {number}",
        "intro": "产地直供",
        **windows(now),
    }
    with transaction.atomic():
        made = campaigns.create(actor=SYSTEM, now=now - timedelta(days=2), **facts | changes)
        return campaigns.move(made, "schedule", actor=SYSTEM, now=now) if scheduled else made


def an_offer(product: Product, **changes: Any) -> Offer:
    """Return what a shop offers of a product's first SKU: ten pieces at 9.90."""
    facts: dict[str, Any] = {
        "sku": product.skus.order_by("id").first().reference,
        "price_fen": 990,
        "quantity": 10,
    }
    return Offer(**facts | changes)


def an_enrolment(
    campaign: Campaign | None = None,
    product: Product | None = None,
    now: datetime = NOON,
    **changes: Any,
) -> Enrolment:
    """Return an enrolment that waits for a decision."""
    product = product or a_product(stock=100)
    campaign = campaign or a_campaign(now=now)
    owner = Actor(product.shop.members.get(role="OWNER").user_id)
    with transaction.atomic():
        return enrolments.enrol(
            product.shop, campaign.slug, an_offer(product, **changes), actor=owner, now=now
        )


def approved(enrolment: Enrolment, now: datetime = NOON) -> Enrolment:
    """Approve an enrolment: its price counts while its campaign runs."""
    with transaction.atomic():
        enrolments.approve(enrolment, actor=SYSTEM, now=now)
    return Enrolment.objects.select_related("activity", "campaign").get(pk=enrolment.pk)


def moved(
    campaign: Campaign, action: str, now: datetime = NOON, reason: str = "货源不足"
) -> Campaign:
    """Move a campaign along its life."""
    with transaction.atomic():
        return campaigns.move(campaign, action, actor=SYSTEM, now=now, reason=reason)
