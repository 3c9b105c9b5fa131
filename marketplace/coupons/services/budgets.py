"""Opening budgets and adding to them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from core import periods
from core.accounts.models import Organisation
from core.accounts.services import granting
from core.audit.actors import Actor
from core.errors import NotFound
from core.quotas.models import Kind
from core.quotas.selectors import availability
from core.quotas.services import opening
from core.transactions import needs_transaction
from marketplace.coupons.domain.drafts import Wrong
from marketplace.coupons.domain.kinds import FOREIGN
from marketplace.coupons.models import CouponBudget
from marketplace.coupons.services import days, wrongs


@needs_transaction
def open_budget(
    *,
    name: str,
    funder: str,
    organisation: str,
    total_fen: int,
    actor: Actor,
    now: datetime,
    daily_cap_fen: int | None = None,
) -> CouponBudget:
    """Set money aside for coupons; with a cap, one day in China never commits more than that.

    An organisation that nobody knows yet is founded.

    Raises:
        InvalidInput: the money is somebody else's, and nobody says whose.
    """
    owner = _organisation(organisation.strip(), now)
    if owner is None and funder in FOREIGN:
        raise wrongs.refusal_of([Wrong("/organisation", "REQUIRED")])
    quota_id = opening.open_quota(Kind.BUDGET, total=total_fen, shards=days.shards_of(total_fen))
    return CouponBudget.objects.create(
        name=name,
        funder=funder,
        organisation=owner,
        quota_id=quota_id,
        daily_cap_fen=daily_cap_fen,
        opened_by_id=actor.user_id,
        opened_at=now,
    )


@needs_transaction
def grow(reference: UUID, changes: Mapping[str, int | None], *, now: datetime) -> CouponBudget:
    """Give a budget a larger `total_fen`, a larger `daily_cap_fen` or none; it never shrinks.

    Raises:
        NotFound: there is no such budget.
        InvalidInput: the total would not grow, or the cap would fall.
    """
    # Two people who raise it at once wait for one another here, so that neither adds twice.
    budget = (
        CouponBudget.objects.select_for_update(of=("self",), no_key=True)
        .filter(reference=reference)
        .first()  # The reference is unique.
    )
    if budget is None:
        raise NotFound(subject="coupon_budget")
    present = availability.figures([budget.quota_id])[budget.quota_id].total
    broken = _shrinks(budget, present, changes)
    if broken:
        raise wrongs.refusal_of(broken)
    total_fen = changes.get("total_fen")
    if total_fen is not None:
        _add(budget.quota_id, present, total_fen)
    if "daily_cap_fen" in changes:
        _lift_cap(budget, changes["daily_cap_fen"], now)
    return budget


def _organisation(name: str, now: datetime) -> Organisation | None:
    if not name:
        return None
    # Whichever region it has: a name is one organisation.
    known = Organisation.objects.filter(name=name).first()
    return known or granting.found_organisation(name=name, now=now)


def _shrinks(budget: CouponBudget, present: int, changes: Mapping[str, int | None]) -> list[Wrong]:
    broken = []
    if "total_fen" in changes or not changes:
        total_fen = changes.get("total_fen")
        if total_fen is None or total_fen <= present:
            broken.append(Wrong("/total_fen", "ONLY_UPWARDS"))
    before = budget.daily_cap_fen
    after = changes.get("daily_cap_fen", before)
    # No cap is the highest of all.
    if after is not None and (before is None or after < before):
        broken.append(Wrong("/daily_cap_fen", "ONLY_UPWARDS"))
    return broken


def _add(quota_id: int, present: int, total_fen: int) -> None:
    opening.top_up(quota_id, total_fen - present)
    if days.shards_of(present) < days.shards_of(total_fen):
        opening.split(quota_id, days.SHARDS)


def _lift_cap(budget: CouponBudget, cap_fen: int | None, now: datetime) -> None:
    if cap_fen is None:
        CouponBudget.objects.filter(pk=budget.pk).update(daily_cap_fen=None)
    elif cap_fen != budget.daily_cap_fen:
        days.raise_cap(budget, cap_fen, today=periods.local_day(now))
