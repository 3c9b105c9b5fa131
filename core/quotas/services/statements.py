"""The SQL of the verbs: each changes a counter together with the row that explains it."""

# A repeated hold finds its own row and draws nothing. The counter is changed by the same statement
# that writes the row explaining it.
HOLD = """
    WITH mine AS (
        SELECT 1 FROM quotas_quotahold WHERE owner = %(owner)s AND quota_id = %(quota_id)s LIMIT 1
    ), drawn AS (
        UPDATE quotas_quotashard SET held = held + %(amount)s
        WHERE quota_id = %(quota_id)s
          AND number = %(hash)s %% (SELECT shards FROM quotas_quota WHERE id = %(quota_id)s)
          AND held + spent + %(amount)s <= total
          AND NOT EXISTS (SELECT FROM mine)
        RETURNING id
    ), noted AS (
        INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
        SELECT %(quota_id)s, id, %(owner)s, %(amount)s, 0, 0 FROM drawn
    )
    SELECT EXISTS (SELECT FROM drawn) OR EXISTS (SELECT FROM mine)
"""

TAKE = """
    UPDATE quotas_quotashard SET spent = spent + %(amount)s
    WHERE quota_id = %(quota_id)s
      AND number = (SELECT floor(random() * shards)::int FROM quotas_quota WHERE id = %(quota_id)s)
      AND held + spent + %(amount)s <= total
    RETURNING true
"""

LEFT = "SELECT coalesce(sum(total - held - spent), 0) FROM quotas_quotashard WHERE quota_id = %s"

LOCK = """
    SELECT id, total - held - spent, spent FROM quotas_quotashard WHERE quota_id = %s
    ORDER BY number FOR NO KEY UPDATE
"""

# The next two only follow `lock_shards`: they lock in no order themselves.
HOLD_LOCKED = """
    WITH drawn AS (
        UPDATE quotas_quotashard AS shard SET held = held + part.amount
        FROM unnest(%(shards)s::bigint[], %(parts)s::bigint[]) AS part (id, amount)
        WHERE shard.id = part.id
        RETURNING shard.id, part.amount
    )
    INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
    SELECT %(quota_id)s, id, %(owner)s, amount, 0, 0 FROM drawn
"""

TAKE_LOCKED = """
    UPDATE quotas_quotashard AS shard SET spent = spent + part.amount
    FROM unnest(%(shards)s::bigint[], %(parts)s::bigint[]) AS part (id, amount)
    WHERE shard.id = part.id
"""

IS_HELD = "SELECT EXISTS (SELECT FROM quotas_quotahold WHERE owner = %s AND quota_id = %s)"

# Locks shard and hold together, in the one lock order, and reads both as they are once locked; so
# what is due is judged by fresh figures, and the two updates below it wait for nobody. Amounts are
# laid over an owner's holds in shard order. With `once`, a hold that is spent is left alone.
MOVE = """
    WITH locked AS MATERIALIZED (
        SELECT hold.id, hold.owner, hold.quota_id, hold.shard_id, hold.spent,
               CASE %(source)s WHEN 'held' THEN hold.held ELSE hold.spent END AS available
        FROM quotas_quotahold AS hold
        JOIN quotas_quotashard AS shard ON shard.id = hold.shard_id
        JOIN quotas_quota AS quota ON quota.id = hold.quota_id
        WHERE hold.owner = ANY(%(owners)s)
          AND (%(quota_ids)s::bigint[] IS NULL OR hold.quota_id = ANY(%(quota_ids)s))
          AND (%(once)s OR CASE %(source)s WHEN 'held' THEN hold.held ELSE hold.spent END > 0)
        ORDER BY quota.rank, quota.id, shard.number, hold.id
        FOR NO KEY UPDATE OF shard, hold
    ), sized AS (
        SELECT locked.id, locked.owner, locked.quota_id, locked.shard_id, available, wish.amount,
               sum(spent) OVER owned AS spent_before,
               sum(available) OVER (owned ORDER BY locked.id) - available AS laid
        FROM locked
        LEFT JOIN unnest(%(quota_ids)s::bigint[], %(amounts)s::bigint[])
            AS wish (quota_id, amount) ON wish.quota_id = locked.quota_id
        WINDOW owned AS (PARTITION BY locked.owner, locked.quota_id)
    ), due AS (
        SELECT id, owner, quota_id, shard_id,
               CASE WHEN amount IS NULL THEN available
                    ELSE greatest(0, least(available, amount - laid)) END AS amount
        FROM sized WHERE NOT (%(once)s AND spent_before > 0)
    ), moved AS (
        UPDATE quotas_quotahold AS hold
        SET held = hold.held + %(to_held)s * due.amount,
            spent = hold.spent + %(to_spent)s * due.amount,
            returned = hold.returned + %(to_returned)s * due.amount
        FROM due WHERE hold.id = due.id AND due.amount > 0
    ), counted AS (
        UPDATE quotas_quotashard AS shard
        SET held = shard.held + %(to_held)s * part.amount,
            spent = shard.spent + %(to_spent)s * part.amount
        FROM (SELECT shard_id, sum(amount) AS amount FROM due GROUP BY shard_id) AS part
        WHERE shard.id = part.shard_id AND part.amount > 0
    )
    SELECT quota_id, sum(amount)::bigint FROM due WHERE amount > 0 GROUP BY quota_id
"""
