"""Somebody's coupons: what they take off, and as their owner sees them."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    ExpressionWrapper,
    Q,
    QuerySet,
    Value,
    When,
)

from core import periods
from core.errors import NotFound
from marketplace.coupons.domain.discounts import CouponTerms, Funding, Scope
from marketplace.coupons.domain.kinds import ScopeBy
from marketplace.coupons.domain.states import UNSPENT, CouponState
from marketplace.coupons.models import CouponBatch, UserCoupon
from marketplace.coupons.selectors import newcomers

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
    # Whether the money that would be set aside at its use is there, as far as a glance can tell.
    is_covered: bool
    # Whether its owner is new, where it is for new users.
    is_for_its_owner: bool

    def is_usable(self, now: datetime) -> bool:
        """Tell whether an order placed now may use it, whatever the sweep has done."""
        return self.state == CouponState.UNUSED and periods.holds(
            self.valid_from, self.valid_until, now
        )


@dataclass(frozen=True, slots=True)
class Among:
    """What is in a basket, so that nobody reads the thousands of goods that a batch may name."""

    shop_ids: Collection[int]
    product_ids: Collection[int]


@dataclass(frozen=True, slots=True)
class _Parts:
    scope: Scope
    funding: tuple[Funding, ...]
    accepted_shop_ids: frozenset[int]
    is_covered: bool


def terms_of(
    user_id: int,
    coupon_references: Sequence[UUID | str],
    now: datetime,
    *,
    among: Among | None = None,
) -> list[OwnedCoupon]:
    """Return coupons in the order they were asked for, with two statements.

    With `among` only these goods and shops are looked up in what a batch names.

    Raises:
        NotFound: one of them is not there, or is somebody else's.
    """
    wanted = [str(reference) for reference in coupon_references]
    if not wanted:
        return []
    rows = _of(user_id).filter(reference__in=wanted)
    owned = {coupon.reference: coupon for coupon in _owned(rows, among, now)}
    missing = [reference for reference in wanted if reference not in owned]
    if missing:
        raise NotFound(subject="coupon", coupons=missing)
    return [owned[reference] for reference in wanted]


def usable_terms(user_id: int, now: datetime, *, among: Among | None = None) -> list[CouponTerms]:
    """Return what somebody could use now, those that run out first, with two statements.

    Those whose money is set aside at the use are left out while their budgets cannot cover them,
    and those for new users once their owner is none. Coupons of shops that are not in the basket
    never keep one out that counts here.
    """
    unused = _of(user_id).filter(
        state=CouponState.UNUSED,
        valid_from__lte=now,
        valid_until__gt=now,
        batch__voided_at__isnull=True,
    )
    rows = unused.annotate(is_of_another=_is_of_another(among))
    nearest = rows.order_by("is_of_another", "valid_until", "id")[:USABLE_MAX]
    found = sorted(_owned(nearest, among, now), key=attrgetter("valid_until"))
    return [coupon.terms for coupon in found if coupon.is_covered and coupon.is_for_its_owner]


def coupons_of(user_id: int, state: str | None, now: datetime) -> QuerySet[UserCoupon]:
    """Return somebody's coupons, newest first; one past its window counts as expired at once."""
    rows = UserCoupon.objects.filter(user_id=user_id).select_related("batch__issuer_shop")
    is_void = Q(state__in=UNSPENT, batch__voided_at__isnull=False)
    has_run_out = Q(state=CouponState.UNUSED, valid_until__lte=now)
    if state == CouponState.VOIDED:
        rows = rows.filter(Q(state=CouponState.VOIDED) | is_void)
    elif state == CouponState.EXPIRED:
        rows = rows.filter(Q(state=CouponState.EXPIRED) | has_run_out).exclude(is_void)
    elif state == CouponState.UNUSED:
        rows = rows.filter(state=CouponState.UNUSED, valid_until__gt=now).exclude(is_void)
    elif state:
        rows = rows.filter(state=state).exclude(is_void)
    return rows.order_by("-claimed_at", "-id")


def state_at(coupon: UserCoupon, now: datetime) -> str:
    """Return the state of a coupon as its owner should see it, even if the sweeps are late."""
    if coupon.state in UNSPENT and coupon.batch.voided_at is not None:
        return CouponState.VOIDED.value
    if coupon.state == CouponState.UNUSED and coupon.valid_until <= now:
        return CouponState.EXPIRED.value
    return str(coupon.state)


def terms_of_batches(
    rows: Sequence[CouponBatch], now: datetime, *, among: Among | None = None
) -> list[CouponTerms]:
    """Return what coupons of batches would take off, named after their batch, in one statement."""
    parts = _parts_of({batch.pk for batch in rows}, among, now)
    return [_terms(str(batch.reference), batch, parts[batch.pk]) for batch in rows]


def terms_if_claimed(
    references: Sequence[UUID], now: datetime, *, among: Among
) -> list[CouponTerms]:
    """Return what coupons of batches would take off if somebody had one.

    Raises:
        NotFound: there is no such batch.
    """
    rows = list(CouponBatch.objects.filter(reference__in=references).order_by("id"))
    if len(rows) < len(set(references)):
        raise NotFound(subject="coupon_batch")
    return terms_of_batches(rows, now, among=among)


def _of(user_id: int) -> QuerySet[UserCoupon]:
    fits = newcomers.fits_newcomers(user_id) & (
        Q(is_for_newcomers=False) | ~Q(newcomers.first_order_is_taken())
    )
    return UserCoupon.objects.filter(user_id=user_id).annotate(
        is_for_its_owner=ExpressionWrapper(fits, output_field=BooleanField())
    )


def _is_of_another(among: Among | None) -> Expression:
    if among is None:
        return Value(0)
    counts_here = Q(batch__issuer_shop=None) | Q(batch__issuer_shop__in=among.shop_ids)
    return Case(When(counts_here, then=0), default=1)


def _owned(rows: QuerySet[UserCoupon], among: Among | None, now: datetime) -> Iterable[OwnedCoupon]:
    coupons: list[Any] = list(rows.select_related("batch"))
    parts = _parts_of({coupon.batch_id for coupon in coupons}, among, now)
    return [
        OwnedCoupon(
            reference=str(coupon.reference),
            terms=_terms(str(coupon.reference), coupon.batch, parts[coupon.batch_id]),
            state=coupon.state if coupon.batch.voided_at is None else CouponState.VOIDED.value,
            valid_from=coupon.valid_from,
            valid_until=coupon.valid_until,
            is_covered=parts[coupon.batch_id].is_covered,
            is_for_its_owner=coupon.is_for_its_owner,
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
        commit_mode=batch.commit_mode,
    )


_ALL_SCOPE = "SELECT * FROM coupons_batchscope WHERE batch_id = batch.id"
# Of the thousands of products and shops that a batch may name only those in the basket are read,
# along the whole unique index; and whether it names any at all, because then others are out.
_SCOPE_AMONG = """
    SELECT * FROM coupons_batchscope WHERE batch_id = batch.id
        AND by = ANY('{SECTION,REGION,PROGRAMME,CATEGORY}')
    UNION ALL
    SELECT * FROM coupons_batchscope WHERE batch_id = batch.id AND by = 'PRODUCT'
        AND section_id IS NULL AND region = '' AND programme = '' AND category_id IS NULL
        AND product_id = ANY(%(products)s::bigint[])
    UNION ALL
    SELECT * FROM coupons_batchscope WHERE batch_id = batch.id AND by = 'SHOP'
        AND section_id IS NULL AND region = '' AND programme = '' AND category_id IS NULL
        AND product_id IS NULL AND shop_id = ANY(%(shops)s::bigint[])
    UNION ALL
    (SELECT * FROM coupons_batchscope WHERE batch_id = batch.id AND by = 'PRODUCT' {first})
    UNION ALL
    (SELECT * FROM coupons_batchscope WHERE batch_id = batch.id AND by = 'SHOP' {first})
"""
# In the order of the index, or the planner would look for the first one through the whole table.
_FIRST = "ORDER BY section_id, region, programme, category_id, product_id, shop_id LIMIT 1"
_PARTS_OF = """
    SELECT batch.id,
        (SELECT jsonb_agg(jsonb_build_array(scope.by,
             coalesce(scope.section_id, scope.category_id, scope.product_id, scope.shop_id),
             scope.region || scope.programme))
         FROM ({scope}) AS scope),
        (SELECT jsonb_agg(jsonb_build_array(part.funder, part.bp, budget.id, budget.reference,
                                            budget.quota_id, budget.daily_cap_fen,
                                            today.quota_id))
         FROM coupons_batchfunding AS part
         LEFT JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
         LEFT JOIN coupons_budgetday AS today
            ON today.budget_id = budget.id AND today.day = %(today)s
         WHERE part.batch_id = batch.id),
        (SELECT jsonb_agg(joined.shop_id) FROM coupons_batchshop AS joined
         WHERE joined.batch_id = batch.id
           AND {joined}),
        batch.commit_mode <> 'AT_USE' OR NOT EXISTS (
            SELECT FROM coupons_batchfunding AS part
            JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
            LEFT JOIN coupons_budgetday AS today ON today.budget_id = budget.id
                AND today.day = %(today)s AND budget.daily_cap_fen IS NOT NULL
            JOIN quotas_quotashard AS shard
                ON shard.quota_id IN (budget.quota_id, today.quota_id)
            WHERE part.batch_id = batch.id
            GROUP BY part.bp, shard.quota_id
            HAVING sum(shard.total - shard.held - shard.spent)
                < (coalesce(batch.max_discount_fen, batch.amount_fen) * part.bp + 9999) / 10000)
    FROM coupons_couponbatch AS batch WHERE batch.id = ANY(%(batches)s)
"""
_PARTS = _PARTS_OF.format(scope=_ALL_SCOPE, joined="true")
_PARTS_AMONG = _PARTS_OF.format(
    scope=_SCOPE_AMONG.replace("{first}", _FIRST),
    joined="joined.shop_id = ANY(%(shops)s::bigint[])",
)


def _parts_of(batch_ids: Collection[int], among: Among | None, now: datetime) -> dict[int, _Parts]:
    if not batch_ids:
        return {}
    asked: dict[str, Any] = {
        "batches": list(batch_ids),
        "shops": [] if among is None else list(among.shop_ids),
        "products": [] if among is None else list(among.product_ids),
        "today": periods.local_day(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTS if among is None else _PARTS_AMONG, asked)
        return {
            batch_id: _Parts(
                _scope(_json(scope)),
                tuple(Funding(*part) for part in _json(funding)),
                frozenset(_json(shops)),
                is_covered,
            )
            for batch_id, scope, funding, shops, is_covered in cursor.fetchall()
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
