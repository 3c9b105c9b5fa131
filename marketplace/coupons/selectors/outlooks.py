"""What a batch would do if it were put to work now: its reach, its cost, what lies beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from core import periods
from core.quotas.selectors import availability
from core.regions.selectors import divisions
from marketplace.coupons.domain import discounts, outlooks
from marketplace.coupons.domain.discounts import CouponTerms
from marketplace.coupons.domain.kinds import Funder, Issuer
from marketplace.coupons.domain.outlooks import Cost, Finding, Opening, Reach, Sample, Window
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import BatchFunding, CouponBatch
from marketplace.coupons.selectors import wallet
from marketplace.sections.models import Section

NAMES_SHOWN = 5
OVERLAPS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Beside:
    """Another live batch that counts for some of the same goods at the same time."""

    batch_id: int
    reference: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything that whoever approves a batch should see."""

    reach: Reach
    # Those with the most products first: name and how many.
    shops: Sequence[tuple[str, int]]
    counties: Sequence[tuple[str, int]]
    samples: Sequence[Sample]
    openings: Sequence[Opening]
    window: Window
    costs: Sequence[Cost]
    worst_fen: int
    overlaps: Sequence[Beside]
    findings: Sequence[Finding]

    @property
    def stopping(self) -> list[Finding]:
        """Return what stops an approval."""
        return [finding for finding in self.findings if finding in outlooks.STOPPING]


# The listed products that a scope names, and whether their shops bear their part of the batch.
# Goods of a section count before it opens: whether it ever opens in time is judged beside it.
_IN_SCOPE = """
    in_scope AS MATERIALIZED (
        SELECT card.product_id, card.shop_id, card.origin_county, card.price_from_fen,
            (NOT %(asks_shops)s OR EXISTS (
                SELECT FROM coupons_batchshop AS joined
                WHERE joined.batch_id = %(batch)s AND joined.shop_id = card.shop_id)) AS counts
        FROM catalogue_productcard AS card
        JOIN catalogue_category AS category ON category.id = card.category_id
        WHERE card.is_listed
          AND (%(issuer_shop)s::bigint IS NULL OR card.shop_id = %(issuer_shop)s::bigint)
          AND (%(shops)s::bigint[] = '{}' OR card.shop_id = ANY(%(shops)s::bigint[]))
          AND (%(products)s::bigint[] = '{}' OR card.product_id = ANY(%(products)s::bigint[]))
          AND (%(categories)s::bigint[] = '{}' OR EXISTS (
              SELECT FROM jsonb_array_elements_text(category.path) AS step (category_id)
              WHERE step.category_id::bigint = ANY(%(categories)s::bigint[])))
          AND (%(regions)s::text[] = '{}'
              OR ARRAY[card.origin_county, card.origin_prefecture, card.origin_province]::text[]
                  && %(regions)s::text[])
          AND (%(programmes)s::text[] = '{}' OR EXISTS (
              SELECT FROM regions_programmemembership AS member
              JOIN regions_programme AS programme ON programme.id = member.programme_id
              WHERE member.region_code = card.origin_county
                AND programme.slug = ANY(%(programmes)s::text[])
                AND (member.valid_from IS NULL OR member.valid_from <= %(today)s)
                AND (member.valid_until IS NULL OR member.valid_until > %(today)s)))
          AND (%(sections)s::bigint[] = '{}' OR EXISTS (
              SELECT FROM sections_sectionmember AS placed
              WHERE placed.product_id = card.product_id
                AND placed.section_id = ANY(%(sections)s::bigint[])))
    )
"""
_REACH = f"""
    WITH {_IN_SCOPE}
    SELECT count(*), count(*) FILTER (WHERE counts), count(DISTINCT shop_id) FILTER (WHERE counts),
        count(DISTINCT origin_county) FILTER (WHERE counts), min(price_from_fen),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(named.name, named.products)), '[]') FROM (
            SELECT shop.name, count(*) AS products FROM in_scope
            JOIN storefronts_shop AS shop ON shop.id = in_scope.shop_id WHERE counts
            GROUP BY shop.id ORDER BY count(*) DESC, shop.id LIMIT {NAMES_SHOWN}) AS named),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(named.origin_county, named.products)), '[]')
         FROM (
            SELECT origin_county, count(*) AS products FROM in_scope WHERE counts
            GROUP BY origin_county ORDER BY count(*) DESC, origin_county LIMIT {NAMES_SHOWN}
         ) AS named)
    FROM in_scope
"""  # noqa: S608 - put together from constants.
# From the cheapest to the dearest, by as equal steps as there are.
_SAMPLES = f"""
    WITH {_IN_SCOPE}, ordered AS (
        SELECT product_id, price_from_fen, count(*) OVER () AS products,
            row_number() OVER (ORDER BY price_from_fen, product_id) AS place
        FROM in_scope WHERE counts
    )
    SELECT product.id, product.reference::text, product.title, ordered.price_from_fen
    FROM ordered JOIN catalogue_product AS product ON product.id = ordered.product_id
    WHERE ordered.place IN (1, 1 + (products - 1) / 4, 1 + (products - 1) / 2,
                            1 + (products - 1) * 3 / 4, products)
    ORDER BY ordered.place
"""  # noqa: S608 - put together from constants.
# Two scopes meet unless some dimension that both name has nothing in common; of two regions that
# is also where one lies in the other.
_BESIDE = """
    SELECT other.id, other.reference::text, other.name, other.state
    FROM coupons_couponbatch AS other
    WHERE other.id <> %(batch)s AND other.state = ANY(%(live)s::text[])
      AND (other.issuer_shop_id IS NULL OR other.issuer_shop_id = %(issuer_shop)s::bigint)
      AND greatest(other.claim_from, other.use_from) < %(until)s
      AND %(from)s < least(
          other.use_until, other.claim_until + other.days_after_claim * interval '24 hours')
      AND NOT EXISTS (
          SELECT FROM (SELECT DISTINCT by FROM coupons_batchscope
                       WHERE batch_id = %(batch)s) AS mine
          WHERE EXISTS (SELECT FROM coupons_batchscope AS theirs
                        WHERE theirs.batch_id = other.id AND theirs.by = mine.by)
            AND NOT EXISTS (
              SELECT FROM coupons_batchscope AS one
              JOIN coupons_batchscope AS theirs ON theirs.by = one.by
              WHERE one.batch_id = %(batch)s AND one.by = mine.by AND theirs.batch_id = other.id
                AND one.programme = theirs.programme
                AND coalesce(one.section_id, one.category_id, one.product_id, one.shop_id, 0)
                  = coalesce(theirs.section_id, theirs.category_id, theirs.product_id,
                             theirs.shop_id, 0)
                AND (starts_with(one.region, regexp_replace(theirs.region, '(00)+$', ''))
                  OR starts_with(theirs.region, regexp_replace(one.region, '(00)+$', '')))))
    ORDER BY other.id DESC LIMIT %(most)s
"""


def outlook_of(batch: CouponBatch, now: datetime) -> Outlook:
    """Return what a batch would do if it were put to work now."""
    terms = wallet.terms_of_batches([batch], now)[0]
    asked = _asked(batch, terms, now)
    reach, shops, counties = _reach(asked)
    window = outlooks.use_window(
        claim_from=batch.claim_from,
        claim_until=batch.claim_until,
        use_from=batch.use_from,
        use_until=batch.use_until,
        days_after_claim=batch.days_after_claim,
    )
    openings = _openings(terms)
    costs = _costs(batch, terms)
    beside = _beside(asked, window)
    return Outlook(
        reach=reach,
        shops=shops,
        counties=counties,
        samples=_samples(terms, asked),
        openings=openings,
        window=window,
        costs=costs,
        worst_fen=worst_fen(batch),
        overlaps=beside,
        findings=outlooks.findings_of(
            terms,
            reach=reach,
            openings=openings,
            window=window,
            costs=costs,
            overlaps=len(beside),
        ),
    )


def worst_fen(batch: CouponBatch, quantity: int | None = None) -> int:
    """Return the most that all coupons of a batch together can take off."""
    if quantity is None:
        quantity = availability.figures([batch.quota_id])[batch.quota_id].total
    return quantity * discounts.worst_case_fen(
        batch.kind, amount_fen=batch.amount_fen, max_discount_fen=batch.max_discount_fen
    )


def _asked(batch: CouponBatch, terms: CouponTerms, now: datetime) -> dict[str, Any]:
    scope = terms.scope
    return {
        "batch": batch.pk,
        "issuer_shop": batch.issuer_shop_id,
        "asks_shops": batch.issuer == Issuer.PLATFORM
        and any(part.funder == Funder.SHOP for part in terms.funding),
        "today": periods.local_day(now),
        "sections": sorted(scope.sections),
        "regions": sorted(scope.regions),
        "programmes": sorted(scope.programmes),
        "categories": sorted(scope.categories),
        "products": sorted(scope.products),
        "shops": sorted(scope.shops),
    }


def _rows(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def _reach(
    asked: dict[str, Any],
) -> tuple[Reach, list[tuple[str, int]], list[tuple[str, int]]]:
    products, counting, shops, counties, cheapest_fen, shop_names, codes = _rows(_REACH, asked)[0]
    in_counties = orjson.loads(codes)
    names = divisions.names([code for code, _ in in_counties])
    return (
        Reach(products, counting, shops, counties, cheapest_fen),
        [(name, of_it) for name, of_it in orjson.loads(shop_names)],
        [(names.get(code, code), of_it) for code, of_it in in_counties],
    )


def _samples(terms: CouponTerms, asked: dict[str, Any]) -> list[Sample]:
    return [
        outlooks.sample_of(
            terms,
            product_id=product_id,
            product_reference=reference,
            title=title,
            price_fen=price_fen,
        )
        for product_id, reference, title, price_fen in _rows(_SAMPLES, asked)
    ]


def _openings(terms: CouponTerms) -> list[Opening]:
    rows = Section.objects.filter(pk__in=terms.scope.sections).order_by("position", "id")
    named = rows.values_list("slug", "name", "name_en", "state", "opens_at", "closes_at")
    return [Opening(*facts) for facts in named] if terms.scope.sections else []


def _costs(batch: CouponBatch, terms: CouponTerms) -> list[Cost]:
    quotas = [part.quota_id for part in terms.funding if part.quota_id is not None]
    figures = availability.figures([batch.quota_id, *quotas])
    names = dict(
        BatchFunding.objects.filter(batch=batch, budget__isnull=False).values_list(
            "budget_id", "budget__name"
        )
    )
    worst = discounts.worst_case_fen(
        batch.kind, amount_fen=batch.amount_fen, max_discount_fen=batch.max_discount_fen
    )
    return [
        Cost(
            funder=part.funder,
            worst_fen=figures[batch.quota_id].total * discounts.reservation_fen(worst, part.bp),
            left_fen=figures[part.quota_id].free if part.quota_id is not None else None,
            budget_id=part.budget_id,
            budget_reference=part.budget_reference,
            budget_name=names.get(part.budget_id or 0, ""),
        )
        for part in terms.funding
    ]


def _beside(asked: dict[str, Any], window: Window) -> list[Beside]:
    live = [BatchState.ACTIVE.value, BatchState.PAUSED.value]
    named = {"live": live, "from": window.start, "until": window.end, "most": OVERLAPS_SHOWN}
    return [Beside(*facts) for facts in _rows(_BESIDE, asked | named)]
