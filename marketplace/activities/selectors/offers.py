"""What SKUs are sold for at an instant, and out of which quota; what their shops take off them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from marketplace.activities.domain.kinds import BY_ITSELF
from marketplace.activities.domain.states import LIVE
from marketplace.reductions.domain.tiers import ReductionTerms
from marketplace.reductions.selectors import running
from marketplace.sections.selectors import membership


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity as a basket sees it.

    `left` is what its quota has free, `bought` what this buyer has of it already. One that
    `is_open` may be begun; where it is not, only what began in time may be finished.
    """

    activity_id: int
    activity_reference: str
    kind: str
    sku_id: int
    unit_price_fen: int
    quota_id: int
    left: int
    per_user_limit: int | None
    bought: int
    is_open: bool
    campaign_reference: str | None = None
    # For each piece, where it is paid in two steps.
    deposit_fen: int | None = None
    deposit_worth_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the market says about goods at an instant: sections by product, offers by SKU.

    And what their shops take off by themselves.
    """

    sections: Mapping[int, Sequence[int]]
    offers: Mapping[int, Offer]
    reductions: Sequence[ReductionTerms] = ()


_OFFERS = """
    SELECT DISTINCT ON (activity.sku_id) activity.id AS activity_id,
        activity.reference AS activity_reference, activity.kind, activity.sku_id,
        activity.price_fen AS unit_price_fen, activity.quota_id, stock.free AS "left",
        activity.per_user_limit, coalesce(buyer.bought, 0) AS bought,
        activity.campaign_reference,
        activity.deposit_fen, activity.deposit_worth_fen,
        activity.starts_at <= %(now)s AND %(now)s < activity.ends_at
            AND activity.state = ANY(%(live)s) AS is_open
    FROM activities_activity AS activity
    CROSS JOIN LATERAL (
        SELECT sum(total - held - spent)::bigint AS free FROM quotas_quotashard AS shard
        WHERE shard.quota_id = activity.quota_id
    ) AS stock
    LEFT JOIN activities_activitybuyer AS buyer
        ON buyer.activity_id = activity.id AND buyer.user_id = %(buyer)s
    WHERE activity.sku_id = ANY(%(skus)s::bigint[]) AND (
        activity.reference = %(wanted)s::uuid
            AND activity.starts_at <= %(now)s AND %(now)s < activity.closes_at
            AND (activity.state = ANY(%(live)s) OR activity.ends_at < activity.closes_at)
        OR activity.state = ANY(%(live)s) AND activity.kind = ANY(%(by_itself)s)
            AND activity.starts_at <= %(now)s AND %(now)s < activity.ends_at AND stock.free > 0
    )
    ORDER BY activity.sku_id, activity.reference = %(wanted)s::uuid DESC NULLS LAST
"""

# Three questions about the same goods, answered in one statement.
_STANDING = f"""
    SELECT
        (SELECT coalesce(jsonb_object_agg(placed.product, placed.sections), '{{}}')
         FROM ({membership.SECTIONS_OF}) AS placed (product, sections)),
        (SELECT coalesce(jsonb_agg(offer), '[]') FROM ({_OFFERS}) AS offer),
        (SELECT coalesce(jsonb_agg(reduction), '[]') FROM ({running.REDUCTIONS_OF}) AS reduction)
"""  # noqa: S608 - put together from constants.


def offers(
    sku_ids: Iterable[int], *, now: datetime, wanted: UUID | None = None, buyer_id: int = 0
) -> dict[int, Offer]:
    """Return what applies to each SKU; SKUs at their ordinary price have no entry.

    FLASH and PRICE apply by themselves while they run and have pieces left; every kind applies to
    who asks for it by reference, sold out or not, until it closes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, _asked(sku_ids, now, wanted, buyer_id))
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return _by_sku(rows)


def standing(
    product_ids: Iterable[int],
    sku_ids: Iterable[int],
    *,
    shop_ids: Iterable[int],
    now: datetime,
    wanted: UUID | None = None,
    buyer_id: int = 0,
) -> Standing:
    """Return the sections of products, the offers on SKUs and their shops' reductions, at once."""
    asked = _asked(sku_ids, now, wanted, buyer_id)
    asked |= {"products": list(product_ids), "shops": list(shop_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        placed, found, taken_off = (orjson.loads(answer) for answer in cursor.fetchone())
    return Standing(
        {int(product): ids for product, ids in placed.items()},
        _by_sku(found),
        running.terms_of(taken_off),
    )


def _asked(
    sku_ids: Iterable[int], now: datetime, wanted: UUID | None, buyer_id: int
) -> dict[str, Any]:
    return {
        "skus": list(sku_ids),
        "now": now,
        "wanted": wanted,
        "buyer": buyer_id,
        "live": [state.value for state in LIVE],
        "by_itself": [kind.value for kind in BY_ITSELF],
    }


def _by_sku(rows: Iterable[Mapping[str, Any]]) -> dict[int, Offer]:
    return {
        row["sku_id"]: Offer(
            **{
                **row,
                "activity_reference": str(row["activity_reference"]),
                "campaign_reference": _text(row["campaign_reference"]),
            }
        )
        for row in rows
    }


def _text(reference: UUID | str | None) -> str | None:
    return str(reference) if reference else None
