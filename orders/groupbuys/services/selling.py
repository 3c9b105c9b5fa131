"""Group buys as shops set them up: a price for teams, out of pieces of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from core.audit.actors import Actor
from core.errors import InvalidInput, NotFound
from core.transactions import needs_transaction
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.domain.states import LIVE
from marketplace.activities.services import activities
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.states import VirtualMode
from orders.groupbuys.models import GroupTerms, Team
from orders.groupbuys.services import expiring
from shops.catalogue.models import Sku
from shops.storefronts.models import Shop


@dataclass(frozen=True, slots=True)
class Draft:
    """A group buy as its shop wants it."""

    sku: UUID
    price_fen: int
    quantity: int
    starts_at: datetime
    ends_at: datetime
    team_size: int
    team_hours: int = arithmetic.HOURS_USUAL
    per_user_limit: int | None = None
    virtual_mode: str = VirtualMode.NONE
    virtual_ratio_bp: int = 0


@needs_transaction
def set_up(shop: Shop, draft: Draft, *, actor: Actor, now: datetime) -> GroupTerms:
    """Set a group buy up on one of a shop's own SKUs; its pieces leave the stock at once.

    Raises:
        InvalidInput: the SKU is not the shop's, the team is none, or what `schedule` finds wrong.
        ActivityOverlap, StockTooLow: as `schedule` says.
    """
    sku = Sku.objects.filter(reference=draft.sku, product__shop=shop).first()
    if sku is None:
        raise InvalidInput.at("/sku", "SKU_NOT_FOUND", str(draft.sku))
    _insist_on_team(draft)
    activity = activities.schedule(
        activities.Planned(
            kind=ActivityKind.GROUP,
            sku_id=sku.pk,
            price_fen=draft.price_fen,
            quantity=draft.quantity,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            per_user_limit=draft.per_user_limit,
            closes_at=arithmetic.closes_at(
                draft.ends_at,
                team_hours=draft.team_hours,
                unpaid_minutes=settings.MARKETPLACE_UNPAID_MINUTES,
            ),
        ),
        actor=actor,
        now=now,
    )
    return GroupTerms.objects.create(
        activity=activity,
        team_size=draft.team_size,
        team_hours=draft.team_hours,
        virtual_mode=draft.virtual_mode,
        virtual_ratio_bp=draft.virtual_ratio_bp,
    )


@needs_transaction
def call_off(terms: GroupTerms, *, actor: Actor, now: datetime, reason: str) -> int:
    """End a group buy because the shop cannot deliver, and give up its undecided teams.

    Returns how many teams; everybody in them gets everything back. Teams that have succeeded stay.
    """
    # Teams before the pieces that their orders draw on, as everywhere.
    teams = expiring.call_off(Team.objects.filter(activity=terms.activity_id), actor=actor, now=now)
    activity = activities.named(terms.activity.reference)
    if activity.state in LIVE:
        activities.end(activity, actor=actor, now=now, reason=reason)
    return teams


def terms_of(shop: Shop, activity: UUID) -> GroupTerms:
    """Return one group buy of a shop.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    rows = GroupTerms.objects.select_related("activity__sku__product__shop")
    try:
        return rows.get(activity__reference=activity, activity__shop=shop)
    except GroupTerms.DoesNotExist:
        raise NotFound(subject="group buy") from None


def _insist_on_team(draft: Draft) -> None:
    for name, least, most in (
        ("team_size", arithmetic.SIZE_MIN, arithmetic.SIZE_MAX),
        ("team_hours", arithmetic.HOURS_MIN, arithmetic.HOURS_MAX),
    ):
        if not least <= getattr(draft, name) <= most:
            raise InvalidInput.at(f"/{name}", name.upper(), f"{least} to {most}")
    if (draft.virtual_mode == VirtualMode.RATIO) != bool(draft.virtual_ratio_bp):
        raise InvalidInput.at(
            "/virtual_ratio_bp", "RATIO", "It comes with RATIO, and only with it."
        )
