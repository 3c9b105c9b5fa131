"""Budgets, batches and coupons for tests, brought to their state by the services."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.accounts.models import User
from core.audit.actors import SYSTEM, Actor
from marketplace.coupons.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import FOREIGN, CouponKind, Funder, Issuer
from marketplace.coupons.models import CouponBatch, CouponBudget, UserCoupon
from marketplace.coupons.selectors import codes as printing
from marketplace.coupons.services import acceptance, batches, budgets, claims, codes, deciding
from shops.storefronts.models import Shop

_NUMBERS = itertools.count(1)
DRAFTED = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
OPENS = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2100, 1, 1, tzinfo=UTC)


def a_budget(
    total_fen: int = 10_000_000,
    funder: str = Funder.PLATFORM,
    daily_cap_fen: int | None = None,
    organisation: str = "",
) -> CouponBudget:
    """Return a budget nobody has drawn on yet; foreign money is some organisation's."""
    if funder in FOREIGN:
        organisation = organisation or f"机构{next(_NUMBERS)}"
    with transaction.atomic():
        return budgets.open_budget(
            name=f"预算{next(_NUMBERS)}",
            funder=funder,
            organisation=organisation,
            total_fen=total_fen,
            daily_cap_fen=daily_cap_fen,
            actor=SYSTEM,
            now=DRAFTED,
        )


def a_draft(shop: Shop | None = None, **changes: Any) -> Draft:
    """Describe a valid batch: 30.00 off 200.00, by the platform, or 10.00 off 80.00 by a shop."""
    facts: dict[str, Any] = {
        "name": f"满减券{next(_NUMBERS)}",
        "issuer": Issuer.PLATFORM if shop is None else Issuer.SHOP,
        "kind": CouponKind.FULL_REDUCTION,
        "threshold_fen": 20_000 if shop is None else 8_000,
        "amount_fen": 3_000 if shop is None else 1_000,
        "quantity": 100,
        "per_user_limit": 1,
        "claim_from": OPENS,
        "claim_until": ENDS,
        "use_until": ENDS,
        "scope": WantedScope(),
    } | changes
    if "funding" not in facts:
        facts["funding"] = (
            (WantedFunding(Funder.PLATFORM, 10_000, a_budget().reference),)
            if shop is None
            else (WantedFunding(Funder.SHOP, 10_000),)
        )
    return Draft(**facts)


def a_batch(
    shop: Shop | None = None,
    *,
    active: bool = True,
    accepted_by: Sequence[Shop] = (),
    actor: Actor = SYSTEM,
    **changes: Any,
) -> CouponBatch:
    """Return a batch that can be claimed from, or a draft; `accepted_by` bear its SHOP part.

    `changes` are fields of a `Draft`, such as `amount_fen`, `funding` or `scope`.
    """
    wanted = a_draft(shop, **changes)
    with transaction.atomic():
        batch = batches.draft(wanted, actor=actor, now=DRAFTED, issuer_shop=shop)
        for other in accepted_by:
            acceptance.accept(batch.reference, shop=other, actor=actor, now=DRAFTED)
    return activated(batch) if active else batch


def activated(batch: CouponBatch) -> CouponBatch:
    """Put a draft to work."""
    for action in ("submit", "approve"):
        batch = decided(batch, action)
    return batch


def decided(batch: CouponBatch, action: str, now: datetime = DRAFTED) -> CouponBatch:
    """Take one step in the life of a batch."""
    with transaction.atomic():
        return deciding.decide(batch.reference, action, actor=SYSTEM, now=now, reason="试")


def a_coupon(
    user: User, batch: CouponBatch | None = None, now: datetime | None = None
) -> UserCoupon:
    """Let somebody claim a coupon."""
    with transaction.atomic():
        return claims.claim(user.pk, (batch or a_batch()).reference, now or timezone.now())


def with_codes(batch: CouponBatch, now: datetime, *, made: bool = True) -> CouponBatch:
    """Have the codes of a batch made, or only asked for."""
    with transaction.atomic():
        codes.start(batch.reference, actor=SYSTEM, now=now)
    if made:
        codes.write_due(now)
    return batch


def codes_of(batch: CouponBatch) -> list[str]:
    """Return the codes of a batch that stand, as they are printed."""
    return [one.code for one in printing.printed(printing.run_of(batch.reference))]
