"""Claiming a coupon: at most so many a person, never one too many, never a fen too much."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from core import periods
from core.errors import DomainError, NotFound
from core.quotas.models import Kind
from core.quotas.services import drawing
from core.transactions import needs_transaction
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.states import BatchState, CouponState
from marketplace.coupons.models import ClaimCount, CouponBatch, UserCoupon
from marketplace.coupons.services.owners import owner_of
from shops.storefronts.models import Shop


class CouponWindow(DomainError):
    """Coupons of this batch cannot be claimed at this time."""

    code = "COUPON_WINDOW"
    zh = "不在领取时间内。"


class CouponPaused(DomainError):
    """This batch is paused; coupons that were claimed stay usable."""

    code = "COUPON_PAUSED"
    zh = "该批次已暂停领取，已领取的券仍可使用。"


class CouponUserLimit(DomainError):
    """You have claimed as many coupons of this batch as one person may."""

    code = "COUPON_USER_LIMIT"
    zh = "您已达到该券的领取上限。"


class CouponSoldOut(DomainError):
    """All coupons of this batch have been claimed."""

    code = "COUPON_SOLD_OUT"
    zh = "优惠券已领完。"


class BudgetExhausted(DomainError):
    """The money for these coupons has run out."""

    code = "BUDGET_EXHAUSTED"
    zh = "优惠券的预算已用完。"


# One statement: the guard of the batch, the person's count and the coupon itself. The count is a
# row of this person's own, so a crowd does not meet here. A day after the claim is 24 hours, and
# the end of the batch caps it (`domain.md` 2.2); LEAST and GREATEST pass over what is not set.
_BATCH = ", ".join(str(field.column) for field in CouponBatch._meta.concrete_fields)  # noqa: SLF001
_CLAIM = f"""
    WITH open_batch AS (
        SELECT {_BATCH} FROM coupons_couponbatch
        WHERE reference = %(batch)s AND state = 'ACTIVE'
          AND claim_from <= %(now)s AND %(now)s < claim_until
    ), counted AS (
        INSERT INTO coupons_claimcount AS present (batch_id, user_id, claimed)
        SELECT id, %(user)s, 1 FROM open_batch
        ON CONFLICT ON CONSTRAINT coupons_claimcount_one_per_person
        DO UPDATE SET claimed = present.claimed + 1
        WHERE present.claimed < (SELECT per_user_limit FROM open_batch)
        RETURNING batch_id
    ), coupon AS (
        INSERT INTO coupons_usercoupon
            (reference, batch_id, user_id, state, claimed_at, valid_from, valid_until)
        SELECT %(reference)s, batch_id, %(user)s, 'UNUSED', %(now)s,
               greatest(%(now)s::timestamptz, use_from),
               least(%(now)s::timestamptz + days_after_claim * interval '24 hours', use_until)
        FROM counted JOIN open_batch ON open_batch.id = counted.batch_id
        RETURNING id, valid_from, valid_until
    )
    SELECT open_batch.*, coupon.id AS coupon_id, coupon.valid_from AS coupon_from,
           coupon.valid_until AS coupon_until,
           shop.reference AS shop_reference, shop.slug AS shop_slug, shop.name AS shop_name,
           (SELECT jsonb_agg(jsonb_build_array(part.bp, budget.quota_id))
            FROM coupons_batchfunding AS part
            JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
            WHERE part.batch_id = open_batch.id) AS shares
    FROM coupon CROSS JOIN open_batch
    LEFT JOIN storefronts_shop AS shop ON shop.id = open_batch.issuer_shop_id
"""  # noqa: S608 - put together from the names of our own columns.


@needs_transaction
def claim(user_id: int, batch_reference: UUID, now: datetime) -> UserCoupon:
    """Give somebody a coupon whose worst case is set aside in every budget that pays for it.

    Three statements: the crowded rows, the pieces of the batch and the money, come last.

    Raises:
        NotFound: there is no such batch, or it was never put to work.
        CouponWindow: outside the claim window, or claims have ended.
        CouponPaused: claims are paused.
        CouponUserLimit: this person has had all they may.
        CouponSoldOut: no piece is left.
        BudgetExhausted: a budget cannot cover one more coupon.
    """
    reference = uuid4()
    asked = {"batch": batch_reference, "user": user_id, "now": now, "reference": reference}
    for batch in CouponBatch.objects.raw(_CLAIM, asked):
        try:
            drawing.take(batch.quota_id, 1)
        except drawing.Exhausted:
            raise CouponSoldOut from None
        _set_money_aside(batch, reference)
        return _coupon(batch, user_id, reference, now)
    raise _refusal(user_id, batch_reference, now)


def _set_money_aside(batch: Any, reference: UUID) -> None:
    worst = discounts.worst_case_fen(
        batch.kind, amount_fen=batch.amount_fen, max_discount_fen=batch.max_discount_fen
    )
    demands = [
        drawing.Demand(quota_id, discounts.reservation_fen(worst, bp), Kind.BUDGET)
        for bp, quota_id in json.loads(batch.shares or "[]")
    ]
    try:
        drawing.hold(demands, owner=owner_of(reference))
    except drawing.Exhausted:
        raise BudgetExhausted from None


def _coupon(batch: Any, user_id: int, reference: UUID, now: datetime) -> UserCoupon:
    if batch.issuer_shop_id is not None:
        facts = {"id": batch.issuer_shop_id, "reference": batch.shop_reference}
        facts |= {"slug": batch.shop_slug, "name": batch.shop_name}
        batch.issuer_shop = Shop.from_db("default", list(facts), list(facts.values()))
    return UserCoupon(
        pk=batch.coupon_id,
        reference=reference,
        batch=batch,
        user_id=user_id,
        state=CouponState.UNUSED,
        claimed_at=now,
        valid_from=batch.coupon_from,
        valid_until=batch.coupon_until,
    )


def _refusal(user_id: int, batch_reference: UUID, now: datetime) -> DomainError:
    # Nothing was written; now that the answer is no, find out why.
    batch = CouponBatch.objects.filter(reference=batch_reference).first()  # Unique.
    if batch is None or batch.approved_at is None:
        return NotFound(subject="coupon_batch")
    is_open = periods.holds(batch.claim_from, batch.claim_until, now)
    if batch.state == BatchState.PAUSED and is_open:
        return CouponPaused()
    if batch.state != BatchState.ACTIVE or not is_open:
        return CouponWindow(
            claim_from=batch.claim_from.isoformat(), claim_until=batch.claim_until.isoformat()
        )
    claimed = ClaimCount.objects.filter(batch=batch, user_id=user_id).values_list(
        "claimed", flat=True
    )
    return CouponUserLimit(limit=batch.per_user_limit, claimed=sum(claimed))
