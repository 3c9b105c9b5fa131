"""A coupon in an order: locked, used, and given back while the goods have not left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.errors import DomainError
from core.quotas.services import drawing
from core.transactions import needs_transaction, refusing
from marketplace.abuse.services import watching
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import CouponTerms
from marketplace.coupons.domain.owners import owner_in_order, owner_of
from marketplace.coupons.domain.states import COUPON_LIFE, CouponState
from marketplace.coupons.models import UserCoupon
from marketplace.coupons.selectors import newcomers
from marketplace.coupons.selectors.wallet import OwnedCoupon
from marketplace.coupons.services import money, uses
from marketplace.coupons.services.uses import Use

Reference = UUID | str


class CouponNotUsable(DomainError):
    """A coupon cannot be used now: it is in another order, used up, or outside its time."""

    code = "COUPON_NOT_USABLE"
    zh = "优惠券当前不可用：已在其他订单中、已使用或不在有效期内。"


def refusal_of(owned: OwnedCoupon, now: datetime) -> DomainError | None:
    """Return why an order placed now could not use a coupon, as far as a glance can tell."""
    if not owned.is_usable(now):
        return CouponNotUsable(coupons=[owned.reference])
    if not owned.is_for_its_owner:
        return watching.NotANewUser(coupons=[owned.reference])
    if not owned.is_covered:
        return money.BudgetExhausted(coupons=[owned.reference])
    return None


@needs_transaction
def lock(
    coupon_references: Sequence[Reference],
    *,
    user_id: int,
    order_reference: Reference,
    now: datetime,
) -> None:
    """Lock coupons for an unpaid order, in one statement; money follows with `set_aside`.

    A coupon outside its window is refused even if the sweep is late.

    Raises:
        CouponNotUsable: one of them is not this person's, not free, or outside its window.
        NotANewUser: one of them is for new users, and this person has had a paid order or is
            placing another first order with such a coupon.
    """
    wanted = {UUID(str(reference)) for reference in coupon_references}
    if not wanted:
        return
    fits = newcomers.fits_newcomers(user_id)
    rows = UserCoupon.objects.filter(
        fits,
        reference__in=wanted,
        user_id=user_id,
        valid_from__lte=now,
        valid_until__gt=now,
        batch__voided_at__isnull=True,
    )
    # Of two first orders that are placed at once, the second one waits here for the first.
    with refusing({"coupons_usercoupon_one_first_order": watching.NotANewUser}):
        moved = advance(
            _by_id(rows).filter(valid_until__gt=now),
            COUPON_LIFE,
            "lock",
            actor=SYSTEM,
            now=now,
            order_reference=order_reference,
        )
    if len(moved) < len(wanted):
        raise _refusal(wanted, moved, user_id)


@needs_transaction
def set_aside(terms: Iterable[CouponTerms], *, order_reference: Reference, now: datetime) -> None:
    """Hold the worst case of coupons whose money is set aside at the use, after all other holds.

    Raises:
        money.BudgetExhausted: a budget cannot cover one of them; the order must unwind.
    """
    shares = [
        money.Share(
            bp=part.bp,
            worst_fen=_worst_fen(one),
            budget_id=part.budget_id,
            quota_id=part.quota_id,
            daily_cap_fen=part.daily_cap_fen,
            day_quota_id=part.day_quota_id,
        )
        for one in terms
        for part in one.funding
        if part.budget_id is not None and part.quota_id is not None
    ]
    money.set_aside(shares, owner=owner_in_order(order_reference), now=now)


@needs_transaction
def is_good_for(order_reference: Reference, coupon_references: Collection[Reference]) -> bool:
    """Tell whether an order still has these coupons locked and none of them is void; keep it so.

    Whoever voids one of them meanwhile waits until the order's transaction is over.
    """
    locked = UserCoupon.objects.filter(
        order_reference=order_reference, state=CouponState.LOCKED, batch__voided_at__isnull=True
    )
    held = locked.select_for_update(of=("self",), no_key=True).order_by("id")
    good = {str(reference) for reference in held.values_list("reference", flat=True)}
    return good.issuperset(map(str, coupon_references))


@needs_transaction
def unlock(order_reference: Reference, *, now: datetime) -> None:
    """Free the coupons of an order that will never be paid.

    What was set aside at the claim stays so, what was for this order is free again. A coupon that
    has run out meanwhile is left to the expiry.
    """
    rows = UserCoupon.objects.filter(order_reference=order_reference)
    if advance(_by_id(rows), COUPON_LIFE, "unlock", actor=SYSTEM, now=now, order_reference=None):
        drawing.release(owner=owner_in_order(order_reference))


@needs_transaction
def redeem(order_reference: Reference, given: Sequence[Use], *, now: datetime) -> dict[str, int]:
    """Use the coupons of a paid order and spend what they really cost: `{budget reference: fen}`.

    The spare stays set aside until the coupon can no longer come back. A repeated call changes
    nothing and returns the same.
    """
    rows = UserCoupon.objects.filter(order_reference=order_reference)
    moved = advance(_by_id(rows), COUPON_LIFE, "redeem", actor=SYSTEM, now=now, used_at=now)
    if moved:
        uses.note(moved, UUID(str(order_reference)), given, now=now)
    return uses.spent_by_budget(order_reference)


@needs_transaction
def give_back(order_reference: Reference, *, now: datetime) -> dict[str, int]:
    """Return the coupons of an order refunded before anything left: `{budget reference: fen}`.

    What was spent is set aside again, or free where nothing is set aside before the use; a coupon
    that has run out meanwhile lives on for the hours its batch grants, or expires and its money is
    free. Pieces of the batch stay taken. Coupons whose spare was released stay used.
    """
    rows = UserCoupon.objects.filter(
        order_reference=order_reference, state=CouponState.USED, settled_at=None
    )
    locked = rows.select_for_update(of=("self",), no_key=True).select_related("batch")
    coupons = list(locked.order_by("id"))
    if not coupons:
        return {}
    ids = [coupon.pk for coupon in coupons]
    back = uses.reverse(ids, now=now)
    living, lapsed, graced = _sorted_by_time(coupons, now)
    _leave_the_order(living, "give_back", now)
    _leave_the_order(lapsed, "lapse", now, expired_at=now)
    for valid_until, group in graced.items():
        _leave_the_order(group, "give_back", now, valid_until=valid_until)
    for coupon in coupons:
        drawing.unspend(owner=owner_of(coupon.reference))
    drawing.give_back(owner=owner_in_order(order_reference))
    free = [owner_of(coupon.reference) for coupon in lapsed]
    drawing.release_many([*free, owner_in_order(order_reference)])
    return back


@needs_transaction
def release_spare(order_reference: Reference, *, now: datetime) -> None:
    """Free what the coupons of an order did not need: the first parcel has left."""
    rows = UserCoupon.objects.filter(
        order_reference=order_reference, state=CouponState.USED, settled_at=None
    )
    coupons = list(rows.select_for_update(of=("self",), no_key=True).order_by("id"))
    UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons]).update(settled_at=now)
    if coupons:
        owners = [owner_of(coupon.reference) for coupon in coupons]
        drawing.release_many([*owners, owner_in_order(order_reference)])


def _by_id(rows: QuerySet[UserCoupon]) -> QuerySet[UserCoupon]:
    # Coupons are locked in id order, so that two transactions queue up instead of deadlocking.
    ordered = rows.select_for_update(of=("self",), no_key=True).order_by("id")
    return UserCoupon.objects.filter(pk__in=ordered.values("pk"))


def _refusal(wanted: Collection[UUID], moved: Sequence[int], user_id: int) -> DomainError:
    # Nothing was locked for good; now that the answer is no, find out why.
    left = UserCoupon.objects.filter(reference__in=wanted, user_id=user_id).exclude(pk__in=moved)
    too_late = left.filter(state=CouponState.UNUSED).exclude(newcomers.fits_newcomers(user_id))
    late = sorted(str(reference) for reference in too_late.values_list("reference", flat=True))
    if late:
        return watching.NotANewUser(coupons=late)
    found = UserCoupon.objects.filter(pk__in=moved).values_list("reference", flat=True)
    left_out = sorted(str(reference) for reference in set(wanted) - set(found))
    return CouponNotUsable(coupons=left_out)


def _worst_fen(terms: CouponTerms) -> int:
    return discounts.worst_case_fen(
        terms.kind, amount_fen=terms.amount_fen, max_discount_fen=terms.max_discount_fen
    )


def _sorted_by_time(
    coupons: Sequence[UserCoupon], now: datetime
) -> tuple[list[UserCoupon], list[UserCoupon], dict[datetime, list[UserCoupon]]]:
    """Return which are in time, which are too late, and which live on, by their new end."""
    living = [coupon for coupon in coupons if coupon.valid_until > now]
    lapsed: list[UserCoupon] = []
    graced: dict[datetime, list[UserCoupon]] = defaultdict(list)
    for coupon in coupons:
        hours = coupon.batch.grace_hours_on_return
        if coupon.valid_until <= now:
            group = graced[now + timedelta(hours=hours)] if hours else lapsed
            group.append(coupon)
    return living, lapsed, graced


def _leave_the_order(
    coupons: Sequence[UserCoupon], action: str, now: datetime, **stamps: Any
) -> None:
    advance(
        UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons]),
        COUPON_LIFE,
        action,
        actor=SYSTEM,
        now=now,
        order_reference=None,
        used_at=None,
        **stamps,
    )
