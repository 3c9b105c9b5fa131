"""Claiming a coupon: at most so many a person, never one too many, never a fen too much."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from core import periods
from core.errors import DomainError, NotFound
from core.quotas.services import drawing
from core.transactions import needs_transaction, refusing
from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.services import watching
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.kinds import CommitMode, CouponKind
from marketplace.coupons.domain.owners import owner_of
from marketplace.coupons.domain.states import BatchState, CouponState
from marketplace.coupons.models import ClaimCount, CouponBatch, CouponCode, UserCoupon
from marketplace.coupons.selectors import newcomers
from marketplace.coupons.services import codes, money
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


class CodeRefused(DomainError):
    """There is no such code, or it has been used."""

    code = "COUPON_CODE_REFUSED"
    zh = "兑换码不存在或已被使用。"
    status = 404


class CouponSoldOut(DomainError):
    """All coupons of this batch have been claimed."""

    code = "COUPON_SOLD_OUT"
    zh = "优惠券已领完。"


# One statement: the guard of the batch, the person's count and the coupon itself. The count is a
# row of this person's own, so a crowd does not meet here. The person's row is held on to, as the
# foreign key will at the end anyway: whoever voids what they have waits for claims under way. A day
# after the claim is 24 hours, and the end of the batch caps it (`domain.md` 2.2); LEAST and
# GREATEST pass over what is not set.
_BATCH = ", ".join(f"batch.{field.column}" for field in CouponBatch._meta.concrete_fields)  # noqa: SLF001
_IS_OPEN = """
    batch.state = 'ACTIVE' AND batch.claim_from <= %(now)s AND %(now)s < batch.claim_until
    AND (batch.kind <> 'NEW_USER' OR NOT EXISTS (
        SELECT FROM coupons_purchasecount AS bought
        WHERE bought.user_id = %(user)s AND bought.orders > 0))
"""
_BY_NAME = f"""
    SELECT {_BATCH}, NULL::bigint AS code_id FROM coupons_couponbatch AS batch
    WHERE batch.reference = %(batch)s AND NOT batch.by_code AND {_IS_OPEN}
"""  # noqa: S608 - put together from the names of our own columns.
_BY_CODE = f"""
    SELECT {_BATCH}, code.id AS code_id FROM coupons_couponcode AS code
    JOIN coupons_couponbatch AS batch ON batch.id = code.batch_id
    WHERE code.digest = %(digest)s AND {_IS_OPEN}
      AND NOT EXISTS (SELECT FROM coupons_usercoupon AS taken WHERE taken.code_id = code.id)
"""  # noqa: S608 - put together from the names of our own columns.
_CLAIM_FROM = """
    WITH person AS MATERIALIZED (
        SELECT id FROM accounts_user WHERE id = %(user)s FOR KEY SHARE
    ), open_batch AS ({found} AND EXISTS (SELECT FROM person)), counted AS (
        INSERT INTO coupons_claimcount AS present (batch_id, user_id, claimed)
        SELECT id, %(user)s, 1 FROM open_batch
        ON CONFLICT ON CONSTRAINT coupons_claimcount_one_per_person
        DO UPDATE SET claimed = present.claimed + 1
        WHERE present.claimed < (SELECT per_user_limit FROM open_batch)
        RETURNING batch_id
    ), coupon AS (
        INSERT INTO coupons_usercoupon
            (reference, batch_id, user_id, state, is_for_newcomers, code_id,
             claimed_at, valid_from, valid_until)
        SELECT %(reference)s, batch_id, %(user)s, 'UNUSED', kind = 'NEW_USER', code_id, %(now)s,
               greatest(%(now)s::timestamptz, use_from),
               least(%(now)s::timestamptz + days_after_claim * interval '24 hours', use_until)
        FROM counted JOIN open_batch ON open_batch.id = counted.batch_id
        RETURNING id, valid_from, valid_until
    )
    SELECT open_batch.*, coupon.id AS coupon_id, coupon.valid_from AS coupon_from,
           coupon.valid_until AS coupon_until,
           shop.reference AS shop_reference, shop.slug AS shop_slug, shop.name AS shop_name,
           (SELECT jsonb_agg(jsonb_build_array(part.bp, budget.id, budget.quota_id,
                                               budget.daily_cap_fen, today.quota_id))
            FROM coupons_batchfunding AS part
            JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
            LEFT JOIN coupons_budgetday AS today
                ON today.budget_id = budget.id AND today.day = %(today)s
            WHERE part.batch_id = open_batch.id) AS shares
    FROM coupon CROSS JOIN open_batch
    LEFT JOIN storefronts_shop AS shop ON shop.id = open_batch.issuer_shop_id
"""
_CLAIM = _CLAIM_FROM.format(found=_BY_NAME)
_CLAIM_BY_CODE = _CLAIM_FROM.format(found=_BY_CODE)


@needs_transaction
def claim(user_id: int, batch_reference: UUID, now: datetime) -> UserCoupon:
    """Give somebody a coupon, its worst case set aside in every budget unless that is AT_USE.

    Three statements, however many budgets and days there are: the crowded rows, the pieces of the
    batch and the money, come last. One more where a capped budget's day is opened.

    Raises:
        NotFound: there is no such batch, or it was never put to work.
        CouponWindow: outside the claim window, or claims have ended.
        CouponPaused: claims are paused.
        NotANewUser: it is for new users, and this person has had a paid order.
        CouponUserLimit: this person has had all they may.
        CouponSoldOut: no piece is left.
        money.BudgetExhausted: a budget cannot cover one more coupon.
    """
    reference = uuid4()
    written = _write(_CLAIM, {"batch": batch_reference}, user_id, reference, now)
    if written is None:
        batch = CouponBatch.objects.filter(reference=batch_reference).first()  # Unique.
        if batch is None or batch.by_code:
            raise NotFound(subject="coupon_batch")
        raise _refusal(batch, user_id, now)
    return _drawn(written, user_id, reference, now)


@needs_transaction
def claim_by_code(user_id: int, code: str, *, origin: Origin, now: datetime) -> UserCoupon:
    """Give somebody the coupon that a code stands for, once; watched as every claim is.

    A code that nobody knows and one that was used are told alike.

    Raises:
        CodeRefused: no such code is left.
        CouponWindow, CouponPaused, NotANewUser, CouponUserLimit, CouponSoldOut,
        money.BudgetExhausted: as `claim`; the code stays good.
        DeedsTooFast, DeviceCrowded: as the watch over claims says.
    """
    reference, digest = uuid4(), codes.digest_of(code)
    # Of two people with one code the second waits here for the first.
    with refusing({"coupons_usercoupon_code_gives_one": CodeRefused}):
        written = _write(_CLAIM_BY_CODE, {"digest": digest}, user_id, reference, now)
    if written is None:
        raise _refusal_of_code(digest, user_id, now)
    watching.note(watching.Noted(Deed.CLAIM, written.reference, user_id, origin), now=now)
    return _drawn(written, user_id, reference, now)


def _write(
    statement: str, named: dict[str, Any], user_id: int, reference: UUID, now: datetime
) -> Any:
    """Return the batch with the coupon that was written; None where nothing was."""
    asked = named | {
        "user": user_id,
        "now": now,
        "reference": reference,
        "today": periods.local_day(now),
    }
    return next(iter(CouponBatch.objects.raw(statement, asked)), None)


def _drawn(batch: Any, user_id: int, reference: UUID, now: datetime) -> UserCoupon:
    """Take the piece and set the money aside: the rows that everybody meets come last."""
    try:
        drawing.take(batch.quota_id, 1)
    except drawing.Exhausted:
        raise CouponSoldOut from None
    if batch.commit_mode == CommitMode.AT_CLAIM:
        money.set_aside(_shares(batch), owner=owner_of(reference), now=now)
    return _coupon(batch, user_id, reference, now)


def _shares(batch: Any) -> list[money.Share]:
    worst = discounts.worst_case_fen(
        batch.kind, amount_fen=batch.amount_fen, max_discount_fen=batch.max_discount_fen
    )
    return [money.Share(bp, worst, *facts) for bp, *facts in json.loads(batch.shares or "[]")]


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
        is_for_newcomers=batch.kind == CouponKind.NEW_USER,
        claimed_at=now,
        valid_from=batch.coupon_from,
        valid_until=batch.coupon_until,
    )


def _refusal_of_code(digest: str, user_id: int, now: datetime) -> DomainError:
    code = CouponCode.objects.select_related("batch").filter(digest=digest).first()  # Unique.
    if code is None or UserCoupon.objects.filter(code=code).exists():
        return CodeRefused()
    return _refusal(code.batch, user_id, now)


def _refusal(batch: CouponBatch, user_id: int, now: datetime) -> DomainError:
    # Nothing was written; now that the answer is no, find out why.
    if batch.approved_at is None:
        return NotFound(subject="coupon_batch")
    is_open = periods.holds(batch.claim_from, batch.claim_until, now)
    if batch.state == BatchState.PAUSED and is_open:
        return CouponPaused()
    if batch.state != BatchState.ACTIVE or not is_open:
        return CouponWindow(
            claim_from=batch.claim_from.isoformat(), claim_until=batch.claim_until.isoformat()
        )
    if batch.kind == CouponKind.NEW_USER and not newcomers.is_new(user_id):
        return watching.NotANewUser()
    claimed = ClaimCount.objects.filter(batch=batch, user_id=user_id).values_list(
        "claimed", flat=True
    )
    return CouponUserLimit(limit=batch.per_user_limit, claimed=sum(claimed))
