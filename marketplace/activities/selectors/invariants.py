"""What must always be true of activities, derived from scratch."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("activities.pieces_are_set_apart_once")
def pieces_are_set_apart_once() -> Iterable[Finding]:
    """The pieces of an activity are what was set apart less what went back to the stock."""
    return found(
        """
        SELECT activity.reference, activity.quantity - activity.returned AS wanted,
            coalesce(sum(shard.total), 0)::bigint AS pieces
        FROM activities_activity AS activity
        LEFT JOIN quotas_quotashard AS shard ON shard.quota_id = activity.quota_id
        GROUP BY activity.id
        HAVING coalesce(sum(shard.total), 0) <> activity.quantity - activity.returned
        ORDER BY activity.id
        """,
        "activity {reference}",
        "its quota has {pieces}, set apart are {wanted}",
    )


@invariant("activities.nothing_stays_behind")
def nothing_stays_behind() -> Iterable[Finding]:
    """An activity that has ended, and that nobody will look at again, has no pieces left."""
    return found(
        """
        SELECT activity.reference, sum(total - held - spent)::bigint AS pieces
        FROM activities_activity AS activity
        JOIN quotas_quotashard AS shard ON shard.quota_id = activity.quota_id
        WHERE activity.state = 'ENDED' AND activity.next_attempt_at IS NULL
        GROUP BY activity.id
        HAVING sum(total - held - spent) > 0
        ORDER BY activity.id
        """,
        "activity {reference}",
        "{pieces} pieces never went back to the stock",
    )


@invariant("activities.one_price_per_sku")
def one_price_per_sku() -> Iterable[Finding]:
    """No two activities that have not ended price one SKU at the same instant."""
    return found(
        """
        SELECT one.reference, other.reference AS other
        FROM activities_activity AS one
        JOIN activities_activity AS other ON other.sku_id = one.sku_id AND other.id > one.id
            AND tstzrange(one.starts_at, one.ends_at) && tstzrange(other.starts_at, other.ends_at)
        WHERE one.state <> 'ENDED' AND other.state <> 'ENDED'
        ORDER BY one.id, other.id
        """,
        "activity {reference}",
        "overlaps with {other}",
    )


@invariant("activities.one_flash_sale_per_product")
def one_flash_sale_per_product() -> Iterable[Finding]:
    """No product has two flash sales that have not ended."""
    return found(
        """
        SELECT product.reference, count(*) AS sales
        FROM activities_activity AS activity
        JOIN catalogue_product AS product ON product.id = activity.product_id
        WHERE activity.kind = 'FLASH' AND activity.state <> 'ENDED'
        GROUP BY product.id
        HAVING count(*) > 1
        ORDER BY product.id
        """,
        "product {reference}",
        "{sales} flash sales that have not ended",
    )
