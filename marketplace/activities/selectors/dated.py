"""Prices for a time as the cards of products carry them."""

from datetime import datetime
from typing import Any

from marketplace.activities.domain.kinds import BY_ITSELF
from marketplace.activities.domain.states import LIVE

_TIME = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

# What nobody has to ask for, as long as there are pieces of it: by product, one price for each
# SKU and window.
DATED = f"""
    SELECT sku.product_id, jsonb_agg(jsonb_build_object(
        'id', activity.reference, 'kind', activity.kind, 'sku', sku.reference,
        'price_fen', activity.price_fen, 'net_weight_g', sku.net_weight_g,
        'quota', activity.quota_id,
        'starts_at', to_char(activity.starts_at AT TIME ZONE 'UTC', '{_TIME}'),
        'ends_at', to_char(activity.ends_at AT TIME ZONE 'UTC', '{_TIME}')
    ) ORDER BY activity.starts_at, activity.id)
    FROM activities_activity AS activity
    JOIN catalogue_sku AS sku ON sku.id = activity.sku_id
    WHERE activity.state = ANY(%(live)s) AND activity.ends_at > %(now)s
        AND activity.kind = ANY(%(by_itself)s)
        AND EXISTS (
            SELECT FROM quotas_quotashard AS shard
            WHERE shard.quota_id = activity.quota_id AND shard.total > shard.held + shard.spent
        )
    GROUP BY sku.product_id
"""  # noqa: S608 - put together from a constant.


def asked(now: datetime) -> dict[str, Any]:
    """Return what `DATED` is asked with."""
    return {
        "now": now,
        "live": [state.value for state in LIVE],
        "by_itself": [kind.value for kind in BY_ITSELF],
    }
