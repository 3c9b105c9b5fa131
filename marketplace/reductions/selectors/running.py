"""Which full reductions count for goods at an instant."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marketplace.reductions.domain.tiers import ReductionTerms, Tier

# For whoever asks something else about the same goods in one statement; of the products that a
# reduction is limited to, those asked about. The windows decide, not the sweep.
REDUCTIONS_OF = """
    SELECT reduction.id AS reduction_id, reduction.reference, reduction.shop_id,
        reduction.allow_on_activity_price,
        (SELECT jsonb_agg(jsonb_build_array(
             tier.amount_fen, tier.threshold_fen, tier.threshold_pieces) ORDER BY tier.id)
         FROM reductions_reductiontier AS tier WHERE tier.reduction_id = reduction.id) AS tiers,
        coalesce(jsonb_agg(cover.product_id) FILTER (WHERE cover.product_id IS NOT NULL), '[]')
            AS product_ids
    FROM reductions_reductioncover AS cover
    JOIN reductions_shopreduction AS reduction ON reduction.id = cover.reduction_id
    WHERE cover.shop_id = ANY(%(shops)s::bigint[]) AND cover.ended_at IS NULL
        AND cover.starts_at <= %(now)s AND %(now)s < cover.ends_at
        AND (cover.product_id IS NULL OR cover.product_id = ANY(%(products)s::bigint[]))
    GROUP BY reduction.id ORDER BY reduction.id
"""


def terms_of(rows: Iterable[Mapping[str, Any]]) -> tuple[ReductionTerms, ...]:
    """Return the rows of `REDUCTIONS_OF`, read as JSON, as the terms that price a basket."""
    return tuple(
        ReductionTerms(
            reduction_id=row["reduction_id"],
            reference=str(row["reference"]),
            shop_id=row["shop_id"],
            tiers=_tiers(row["tiers"]),
            product_ids=frozenset(row["product_ids"]),
            allow_on_activity_price=row["allow_on_activity_price"],
        )
        for row in rows
    )


def _tiers(rows: Sequence[Sequence[int]]) -> tuple[Tier, ...]:
    return tuple(Tier(*row) for row in rows)
