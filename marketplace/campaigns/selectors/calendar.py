"""The calendar of campaigns, and what each of them shows."""

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.errors import NotFound
from marketplace.campaigns.domain.states import PUBLIC, CampaignState, EnrolmentState, state_at
from marketplace.campaigns.models import Campaign, Enrolment


def every() -> QuerySet[Campaign]:
    """Return all campaigns, each with how many SKUs are `approved` and how many `submitted`."""
    return Campaign.objects.select_related("section", "budget", "organisation").annotate(
        approved=_enrolled(EnrolmentState.APPROVED), submitted=_enrolled(EnrolmentState.SUBMITTED)
    )


def public(*, start: datetime | None = None, end: datetime | None = None) -> QuerySet[Campaign]:
    """Return the campaigns that anybody may see, of all time or of a window `[start, end)`."""
    return within(every().filter(state__in=PUBLIC), start=start, end=end)


def within(
    rows: QuerySet[Campaign], *, start: datetime | None = None, end: datetime | None = None
) -> QuerySet[Campaign]:
    """Return those campaigns that run at some instant of a window `[start, end)`."""
    wanted = Q()
    if start is not None:
        wanted &= Q(ends_at__gt=start)
    if end is not None:
        wanted &= Q(starts_at__lt=end)
    return rows.filter(wanted)


def one_public(slug: str) -> Campaign:
    """Return a campaign that anybody may see.

    Raises:
        NotFound: there is none of that name, or it is being prepared, paused or cancelled.
    """
    return _named(public(), slug)


def one(slug: str) -> Campaign:
    """Return a campaign, wherever it stands.

    Raises:
        NotFound: there is none of that name.
    """
    return _named(every(), slug)


def goods_of(campaign: Campaign, *, now: datetime) -> QuerySet[Enrolment]:
    """Return what a campaign sells and buyers can see, each with its card and its activity.

    Until it is announced, nobody is told its prices.
    """
    if now < campaign.preheats_at:
        return Enrolment.objects.none()
    return (
        Enrolment.objects.filter(
            campaign=campaign,
            state=EnrolmentState.APPROVED,
            sku__product__card__is_listed=True,
        )
        .select_related("sku__product__card", "activity")
        .defer("sku__product__card__detail")
    )


def standing(row: Campaign, now: datetime) -> CampaignState:
    """Return where a campaign stands by the clock."""
    return state_at(
        row.state,
        preheats_at=row.preheats_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        now=now,
    )


def _named(rows: QuerySet[Campaign], slug: str) -> Campaign:
    found = rows.filter(slug=slug).first()  # The slug is unique.
    if found is None:
        raise NotFound(subject="campaign")
    return found


def _enrolled(state: EnrolmentState) -> Any:
    counted = (
        Enrolment.objects.filter(campaign=OuterRef("pk"), state=state)
        .order_by()
        .values("campaign")
        .annotate(rows=Count("pk"))
    )
    return Coalesce(
        Subquery(counted.values("rows"), output_field=BigIntegerField()),
        Value(0, output_field=BigIntegerField()),
    )
