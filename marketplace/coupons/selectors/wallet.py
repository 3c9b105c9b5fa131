"""Somebody's coupons: what they take off, and as their owner sees them."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Expression, Q, QuerySet, Value, When

from core import periods
from core.errors import NotFound
from marketplace.coupons.domain.discounts import CouponTerms, Funding, Scope
from marketplace.coupons.domain.kinds import ScopeBy
from marketplace.coupons.domain.states import CouponState
from marketplace.coupons.models import CouponBatch, UserCoupon

# Nobody needs more to find the best set for one basket; those that run out first come first.
USABLE_MAX = 50


@dataclass(frozen=True, slots=True)
class OwnedCoupon:
    """A coupon with its terms, where it stands, and when it may be used."""

    reference: str
    terms: CouponTerms
    state: str
    valid_from: datetime
    valid_until: datetime

    def is_usable(self, now: datetime) -> bool:
        """Tell whether an order placed now may use it, whatever the sweep has done."""
        return self.state == CouponState.UNUSED and periods.holds(
            self.valid_from, self.valid_until, now
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    scope: Scope
    funding: tuple[Funding, ...]
    accepted_shop_ids: frozenset[int]


def terms_of(
    user_id: int,
    coupon_references: Sequence[UUID | str],
    now: datetime,  # noqa: ARG001 - every reader of the wallet says when it reads.
    *,
    shop_ids: Collection[int] | None = None,
) -> list[OwnedCoupon]:
    """Return coupons in the order they were asked for, with two statements.

    With `shop_ids` only these shops are looked up among those that accepted a batch.

    Raises:
        NotFound: one of them is not there, or is somebody else's.
    """
    wanted = [str(reference) for reference in coupon_references]
    if not wanted:
        return []
    rows = UserCoupon.objects.filter(user_id=user_id, reference__in=wanted)
    owned = {coupon.reference: coupon for coupon in _owned(rows, shop_ids)}
    missing = [reference for reference in wanted if reference not in owned]
    if missing:
        raise NotFound(subject="coupon", coupons=missing)
    return [owned[reference] for reference in wanted]


def usable_terms(
    user_id: int, now: datetime, *, shop_ids: Collection[int] | None = None
) -> list[CouponTerms]:
    """Return what somebody could use now, those that run out first, with two statements.

    With `shop_ids` coupons of other shops never keep one out that counts here.
    """
    rows = UserCoupon.objects.filter(
        user_id=user_id, state=CouponState.UNUSED, valid_from__lte=now, valid_until__gt=now
    ).annotate(is_of_another=_is_of_another(shop_ids))
    nearest = rows.order_by("is_of_another", "valid_until", "id")[:USABLE_MAX]
    found = sorted(_owned(nearest, shop_ids), key=attrgetter("valid_until"))
    return [coupon.terms for coupon in found]


def coupons_of(user_id: int, state: str | None, now: datetime) -> QuerySet[UserCoupon]:
    """Return somebody's coupons, newest first; one past its window counts as expired at once."""
    rows = UserCoupon.objects.filter(user_id=user_id).select_related("batch__issuer_shop")
    has_run_out = Q(state=CouponState.UNUSED, valid_until__lte=now)
    if state == CouponState.EXPIRED:
        rows = rows.filter(Q(state=CouponState.EXPIRED) | has_run_out)
    elif state == CouponState.UNUSED:
        rows = rows.filter(state=CouponState.UNUSED, valid_until__gt=now)
    elif state:
        rows = rows.filter(state=state)
    return rows.order_by("-claimed_at", "-id")


def state_at(coupon: UserCoupon, now: datetime) -> str:
    """Return the state of a coupon as its owner should see it, even if the sweep is late."""
    if coupon.state == CouponState.UNUSED and coupon.valid_until <= now:
        return CouponState.EXPIRED.value
    return str(coupon.state)


def _is_of_another(shop_ids: Collection[int] | None) -> Expression:
    if shop_ids is None:
        return Value(0)
    counts_here = Q(batch__issuer_shop=None) | Q(batch__issuer_shop__in=shop_ids)
    return Case(When(counts_here, then=0), default=1)


def _owned(rows: QuerySet[UserCoupon], shop_ids: Collection[int] | None) -> Iterable[OwnedCoupon]:
    coupons = list(rows.select_related("batch"))
    parts = _parts_of({coupon.batch_id for coupon in coupons}, shop_ids)
    return [
        OwnedCoupon(
            reference=str(coupon.reference),
            terms=_terms(str(coupon.reference), coupon.batch, parts[coupon.batch_id]),
            state=coupon.state,
            valid_from=coupon.valid_from,
            valid_until=coupon.valid_until,
        )
        for coupon in coupons
    ]


def _terms(reference: str, batch: CouponBatch, parts: _Parts) -> CouponTerms:
    return CouponTerms(
        coupon_reference=reference,
        batch_id=batch.pk,
        issuer=batch.issuer,
        issuer_shop_id=batch.issuer_shop_id,
        kind=batch.kind,
        threshold_fen=batch.threshold_fen,
        threshold_pieces=batch.threshold_pieces,
        amount_fen=batch.amount_fen,
        discount_bp=batch.discount_bp,
        max_discount_fen=batch.max_discount_fen,
        scope=parts.scope,
        funding=parts.funding,
        accepted_shop_ids=parts.accepted_shop_ids,
        allow_on_activity_price=batch.allow_on_activity_price,
    )


_PARTS = """
    SELECT batch.id,
        (SELECT jsonb_agg(jsonb_build_array(scope.by,
             coalesce(scope.section_id, scope.category_id, scope.product_id, scope.shop_id),
             scope.region || scope.programme))
         FROM coupons_batchscope AS scope WHERE scope.batch_id = batch.id),
        (SELECT jsonb_agg(jsonb_build_array(part.funder, part.bp, budget.id, budget.reference))
         FROM coupons_batchfunding AS part
         LEFT JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
         WHERE part.batch_id = batch.id),
        (SELECT jsonb_agg(joined.shop_id) FROM coupons_batchshop AS joined
         WHERE joined.batch_id = batch.id
           AND (%(shops)s::bigint[] IS NULL OR joined.shop_id = ANY(%(shops)s)))
    FROM coupons_couponbatch AS batch WHERE batch.id = ANY(%(batches)s)
"""


def _parts_of(batch_ids: Collection[int], shop_ids: Collection[int] | None) -> dict[int, _Parts]:
    if not batch_ids:
        return {}
    asked = {
        "batches": list(batch_ids),
        "shops": None if shop_ids is None else list(shop_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, asked)
        return {
            batch_id: _Parts(
                _scope(_json(scope)),
                tuple(Funding(*part) for part in _json(funding)),
                frozenset(_json(shops)),
            )
            for batch_id, scope, funding, shops in cursor.fetchall()
        }


def _json(value: str | None) -> list[Any]:
    # Raw cursors hand JSON over as text.
    return json.loads(value) if value else []


def _scope(rows: Sequence[Sequence[Any]]) -> Scope:
    named: dict[str, set[Any]] = {by: set() for by in ScopeBy}
    for by, key, text in rows:
        named[by].add(text if key is None else key)
    return Scope(
        sections=frozenset(named[ScopeBy.SECTION]),
        regions=frozenset(named[ScopeBy.REGION]),
        programmes=frozenset(named[ScopeBy.PROGRAMME]),
        categories=frozenset(named[ScopeBy.CATEGORY]),
        products=frozenset(named[ScopeBy.PRODUCT]),
        shops=frozenset(named[ScopeBy.SHOP]),
    )
