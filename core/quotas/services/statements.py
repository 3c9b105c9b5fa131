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

# Several quotas at once, each at the owner's own shard: all or nothing. What a snapshot refuses
# locks nothing and is drawn one by one instead; what passes is locked in the one lock order and
# judged again by what it is once locked.
HOLD_TOGETHER = """
    WITH wanted AS MATERIALIZED (
        SELECT shard.id, quota.id AS quota_id, quota.rank, wish.amount,
               shard.held + shard.spent + wish.amount <= shard.total AS is_there
        FROM unnest((SELECT %(quota_ids)s::bigint[]), (SELECT %(amounts)s::bigint[]))
            AS wish (quota_id, amount)
        JOIN quotas_quota AS quota ON quota.id = wish.quota_id
        JOIN quotas_quotashard AS shard
            ON shard.quota_id = quota.id AND shard.number = %(hash)s %% quota.shards
    ), locked AS MATERIALIZED (
        SELECT wanted.id, wanted.quota_id, wanted.amount,
               shard.held + shard.spent + wanted.amount <= shard.total AS is_there
        FROM wanted JOIN quotas_quotashard AS shard ON shard.id = wanted.id
        WHERE (SELECT count(*) = %(count)s AND bool_and(is_there) FROM wanted)
          AND NOT EXISTS (
              SELECT FROM quotas_quotahold
              WHERE owner = %(owner)s AND quota_id = ANY((SELECT %(quota_ids)s::bigint[])::bigint[])
          )
        ORDER BY wanted.rank, wanted.quota_id
        FOR NO KEY UPDATE OF shard
    ), drawn AS (
        UPDATE quotas_quotashard AS shard SET held = shard.held + locked.amount
        FROM locked
        WHERE shard.id = locked.id AND (SELECT bool_and(is_there) FROM locked)
        RETURNING shard.id, shard.quota_id, locked.amount
    ), noted AS (
        INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
        SELECT quota_id, id, %(owner)s, amount, 0, 0 FROM drawn
    )
    SELECT EXISTS (SELECT FROM drawn)
"""

# The die is thrown by the caller: thrown here, whoever has waited for a row would throw again, and
# pass by the shard that was waited for.
TAKE = """
    UPDATE quotas_quotashard SET spent = spent + %(amount)s
    WHERE quota_id = %(quota_id)s
      AND number = %(die)s %% (SELECT shards FROM quotas_quota WHERE id = %(quota_id)s)
      AND held + spent + %(amount)s <= total
    RETURNING true
"""

# Where somebody else drew the own shard empty while we waited for its row, the guard refused and
# the row stays locked by us. Who has a lock already must not wait for further ones.
LEFT = """
    SELECT coalesce(sum(total - held - spent), 0)::bigint, count(*),
           coalesce(bool_or(xmax = pg_current_xact_id_if_assigned()::xid), false)
    FROM quotas_quotashard WHERE quota_id = %s
"""

# One other shard that has enough and that nobody is busy with: found without waiting.
_ELSEWHERE = """
    SELECT id FROM quotas_quotashard
    WHERE quota_id = %(quota_id)s AND held + spent + %(amount)s <= total
    ORDER BY total - held - spent DESC LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
"""

HOLD_ELSEWHERE = f"""
    WITH drawn AS (
        UPDATE quotas_quotashard SET held = held + %(amount)s WHERE id = ({_ELSEWHERE})
        RETURNING id
    )
    INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
    SELECT %(quota_id)s, id, %(owner)s, %(amount)s, 0, 0 FROM drawn
    RETURNING true
"""  # noqa: S608 - put together from the constants of this module.

TAKE_ELSEWHERE = f"""
    UPDATE quotas_quotashard SET spent = spent + %(amount)s WHERE id = ({_ELSEWHERE})
    RETURNING true
"""  # noqa: S608 - put together from the constants of this module.

LOCK = """
    SELECT id, total - held - spent, spent FROM quotas_quotashard WHERE quota_id = %s
    ORDER BY number FOR NO KEY UPDATE
"""

LOCK_WITHOUT_WAITING = f"{LOCK} SKIP LOCKED"

# Only follows LOCK: it locks in no order itself. What is free is laid evenly over the shards, and
# what was asked for is drawn from one of them.
LEVEL = """
    WITH drawn AS (
        UPDATE quotas_quotashard AS shard
        SET total = shard.total + part.change,
            held = shard.held + part.held,
            spent = shard.spent + part.spent
        FROM unnest(%(shards)s::bigint[], %(changes)s::bigint[], %(held)s::bigint[],
                    %(spent)s::bigint[]) AS part (id, change, held, spent)
        WHERE shard.id = part.id AND (part.change, part.held, part.spent) <> (0, 0, 0)
        RETURNING shard.id, part.held
    )
    INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
    SELECT %(quota_id)s, id, %(owner)s, held, 0, 0 FROM drawn WHERE held > 0
"""

IS_HELD = """
    SELECT EXISTS (
        SELECT FROM quotas_quotahold WHERE owner = %(owner)s AND quota_id = %(quota_id)s
    )
"""

# Locks shard and hold together, in the one lock order, and reads both as they are once locked; so
# what is due is judged by fresh figures, and the two updates below it wait for nobody. With wishes,
# only what is wished moves; with `once`, a hold that is spent is left alone.
MOVE = """
    WITH locked AS MATERIALIZED (
        SELECT hold.id, hold.owner, hold.quota_id, hold.shard_id, hold.spent,
               CASE %(source)s WHEN 'held' THEN hold.held ELSE hold.spent END AS available
        FROM quotas_quotahold AS hold
        JOIN quotas_quotashard AS shard ON shard.id = hold.shard_id
        JOIN quotas_quota AS quota ON quota.id = hold.quota_id
        WHERE hold.owner = ANY((SELECT %(owners)s::text[])::text[])
          AND (%(quota_ids)s::bigint[] IS NULL
               OR hold.quota_id = ANY((SELECT %(quota_ids)s::bigint[])::bigint[]))
          AND CASE %(source)s WHEN 'held' THEN hold.held ELSE hold.spent END > 0
        ORDER BY quota.rank, quota.id, shard.number, hold.id
        FOR NO KEY UPDATE OF shard, hold
    ), due AS (
        SELECT locked.id, locked.owner, locked.quota_id, shard_id,
               CASE WHEN %(is_wished)s THEN least(available, wish.amount) ELSE available END
                   AS amount
        FROM locked
        LEFT JOIN unnest(
            (SELECT %(wish_owners)s::text[]), (SELECT %(wish_quotas)s::bigint[]),
            (SELECT %(amounts)s::bigint[])
        ) AS wish (owner, quota_id, amount)
            ON wish.owner = locked.owner AND wish.quota_id = locked.quota_id
        WHERE NOT (%(once)s AND spent > 0) AND (wish.amount IS NOT NULL OR NOT %(is_wished)s)
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
    SELECT owner, quota_id, sum(amount)::bigint FROM due WHERE amount > 0 GROUP BY owner, quota_id
"""
