"""Enrolments as their shops and the staff see them."""

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from marketplace.campaigns.models import Enrolment


def every() -> QuerySet[Enrolment]:
    """Return all enrolments, ready to be shown."""
    return Enrolment.objects.select_related("campaign", "shop", "sku__product", "activity")


def of_shop(shop_id: int, *, campaign: str = "") -> QuerySet[Enrolment]:
    """Return what a shop has enrolled, in one campaign or in all."""
    rows = every().filter(shop=shop_id)
    return rows.filter(campaign__slug=campaign) if campaign else rows


def of_campaign(campaign_id: int, *, state: str = "") -> QuerySet[Enrolment]:
    """Return what shops have enrolled in a campaign, in one state or in all."""
    rows = every().filter(campaign=campaign_id)
    return rows.filter(state=state) if state else rows


def one_of_shop(shop_id: int, reference: UUID) -> Enrolment:
    """Return an enrolment of a shop.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    return _referred(of_shop(shop_id), reference)


def one_of(campaign_id: int, reference: UUID) -> Enrolment:
    """Return an enrolment of a campaign.

    Raises:
        NotFound: there is none, or it is another campaign's.
    """
    return _referred(of_campaign(campaign_id), reference)


def one(reference: UUID) -> Enrolment:
    """Return an enrolment.

    Raises:
        NotFound: there is none.
    """
    return _referred(every(), reference)


def _referred(rows: QuerySet[Enrolment], reference: UUID) -> Enrolment:
    found = rows.filter(reference=reference).first()  # Unique.
    if found is None:
        raise NotFound(subject="enrolment")
    return found
