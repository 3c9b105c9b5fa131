"""What must always be true of full reductions, derived from scratch."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("reductions.covers_stand_where_their_reduction_stands")
def covers_apart_from_their_reduction() -> Iterable[Finding]:
    """What a reduction counts for has its shop, its window and its end, and it counts for some."""
    return found(
        """
        SELECT reduction.reference, count(cover.id) AS covers
        FROM reductions_shopreduction AS reduction
        LEFT JOIN reductions_reductioncover AS cover ON cover.reduction_id = reduction.id
        LEFT JOIN catalogue_product AS product ON product.id = cover.product_id
        GROUP BY reduction.id
        HAVING count(cover.id) = 0 OR bool_or(
            (cover.shop_id, cover.starts_at, cover.ends_at, cover.ended_at) IS DISTINCT FROM
            (reduction.shop_id, reduction.starts_at, reduction.ends_at, reduction.ended_at)
            OR product.shop_id <> reduction.shop_id
        )
        ORDER BY reduction.id
        """,
        "reduction {reference}",
        "one of its {covers} covers is of another shop or another time",
    )


@invariant("reductions.one_per_product")
def one_per_product() -> Iterable[Finding]:
    """No two reductions that have not ended count for one product at the same instant."""
    return found(
        """
        SELECT DISTINCT first.reference, second.reference AS other
        FROM reductions_reductioncover AS one
        JOIN reductions_reductioncover AS other ON other.shop_id = one.shop_id
            AND other.reduction_id > one.reduction_id
            AND (one.product_id IS NULL OR other.product_id IS NULL
                OR one.product_id = other.product_id)
            AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
        JOIN reductions_shopreduction AS first ON first.id = one.reduction_id
        JOIN reductions_shopreduction AS second ON second.id = other.reduction_id
        WHERE one.ended_at IS NULL AND other.ended_at IS NULL
        ORDER BY first.reference, second.reference
        """,
        "reduction {reference}",
        "counts for the same goods as {other}",
    )


@invariant("reductions.each_has_its_tiers")
def without_tiers() -> Iterable[Finding]:
    """Every reduction has a tier, and of two tiers the one that asks more takes more off."""
    return found(
        """
        SELECT reduction.reference, count(tier.id) AS tiers
        FROM reductions_shopreduction AS reduction
        LEFT JOIN reductions_reductiontier AS tier ON tier.reduction_id = reduction.id
        GROUP BY reduction.id
        HAVING count(tier.id) = 0 OR EXISTS (
            SELECT FROM reductions_reductiontier AS less
            JOIN reductions_reductiontier AS more ON more.reduction_id = less.reduction_id
                AND (more.threshold_fen > less.threshold_fen
                    OR more.threshold_pieces > less.threshold_pieces)
                AND more.amount_fen <= less.amount_fen
            WHERE less.reduction_id = reduction.id
        )
        ORDER BY reduction.id
        """,
        "reduction {reference}",
        "its {tiers} tiers do not rise",
    )
