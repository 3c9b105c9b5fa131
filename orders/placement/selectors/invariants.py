"""What must hold of orders, their lines, their stock, their discounts and the ledger."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant
from orders.placement.domain.steps import ON_FREIGHT

_ON_FREIGHT = ", ".join(f"'{step.value}'" for step in ON_FREIGHT)


@invariant("placement.line_is_paid_by_buyer_and_funders")
def lines_that_do_not_add_up() -> Iterable[Finding]:
    """Every line: sale = paid + sum of its discounts on goods."""
    return found(
        f"""
        SELECT line.reference, line.sale_fen, line.paid_fen,
               coalesce(sum(discount.amount_fen), 0) AS off_fen
        FROM placement_orderline AS line
        LEFT JOIN placement_linediscount AS discount
            ON discount.line_id = line.id AND discount.kind NOT IN ({_ON_FREIGHT})
        GROUP BY line.id
        HAVING line.sale_fen <> line.paid_fen + coalesce(sum(discount.amount_fen), 0)
        ORDER BY line.id
        """,  # noqa: S608 - put together from constants.
        "line {reference}",
        "sale {sale_fen}, paid {paid_fen}, discounts {off_fen}",
    )


@invariant("placement.freight_is_paid_by_buyer_and_funders")
def freight_that_does_not_add_up() -> Iterable[Finding]:
    """Every line: freight fee = freight paid + sum of its discounts on freight."""
    return found(
        f"""
        SELECT line.reference, line.freight_fee_fen, line.freight_fen,
               coalesce(sum(discount.amount_fen), 0) AS off_fen
        FROM placement_orderline AS line
        LEFT JOIN placement_linediscount AS discount
            ON discount.line_id = line.id AND discount.kind IN ({_ON_FREIGHT})
        GROUP BY line.id
        HAVING line.freight_fee_fen <> line.freight_fen + coalesce(sum(discount.amount_fen), 0)
        ORDER BY line.id
        """,  # noqa: S608 - put together from constants.
        "line {reference}",
        "freight fee {freight_fee_fen}, paid {freight_fen}, discounts {off_fen}",
    )


@invariant("placement.reductions_took_what_their_tiers_say")
def reductions_apart_from_their_tiers() -> Iterable[Finding]:
    """What a full reduction took off an order is one of its tiers, or all that the goods cost."""
    return found(
        """
        SELECT reduction.reference, o.number, sum(discount.amount_fen) AS off_fen
        FROM placement_linediscount AS discount
        JOIN reductions_shopreduction AS reduction ON reduction.id = discount.reduction_id
        JOIN placement_orderline AS line ON line.id = discount.line_id
        JOIN placement_shoporder AS part ON part.id = line.shop_order_id
        JOIN placement_order AS o ON o.id = part.order_id
        GROUP BY reduction.id, o.id
        HAVING bool_or(part.shop_id <> reduction.shop_id) OR NOT EXISTS (
            SELECT FROM reductions_reductiontier AS tier
            WHERE tier.reduction_id = reduction.id AND (
                tier.amount_fen = sum(discount.amount_fen)
                OR tier.amount_fen > sum(discount.amount_fen)
                    AND sum(discount.amount_fen) = sum(line.sale_fen - line.deposit_fen) - coalesce(
                        (SELECT sum(worth.amount_fen) FROM placement_linediscount AS worth
                         WHERE worth.kind = 'DEPOSIT_WORTH'
                             AND worth.line_id = ANY(array_agg(line.id))), 0)
            )
        )
        ORDER BY o.id, reduction.id
        """,
        "reduction {reference}, order {number}",
        "took {off_fen} off, which none of its tiers says",
    )


@invariant("placement.shop_order_is_the_sum_of_its_lines")
def shop_orders_that_do_not_add_up() -> Iterable[Finding]:
    """Every shop order: goods, discount and freight are those of its lines."""
    return found(
        """
        SELECT part.number, part.goods_fen, part.discount_fen, part.freight_fen,
               coalesce(sum(line.sale_fen), 0) AS sale_fen,
               coalesce(sum(line.sale_fen - line.paid_fen), 0) AS off_fen,
               coalesce(sum(line.freight_fen), 0) AS sent_fen
        FROM placement_shoporder AS part
        LEFT JOIN placement_orderline AS line ON line.shop_order_id = part.id
        GROUP BY part.id
        HAVING (part.goods_fen, part.discount_fen, part.freight_fen) IS DISTINCT FROM
               (sum(line.sale_fen), sum(line.sale_fen - line.paid_fen), sum(line.freight_fen))
        ORDER BY part.id
        """,
        "shop order {number}",
        "{goods_fen} - {discount_fen} + {freight_fen}; lines: {sale_fen} - {off_fen} + {sent_fen}",
    )


@invariant("placement.order_is_the_sum_of_its_parts")
def orders_that_do_not_add_up() -> Iterable[Finding]:
    """Every order: what is payable is the sum of its shop orders."""
    return found(
        """
        SELECT o.number, o.payable_fen, coalesce(sum(part.payable_fen), 0) AS parts_fen
        FROM placement_order AS o
        LEFT JOIN placement_shoporder AS part ON part.order_id = o.id
        GROUP BY o.id
        HAVING (o.goods_fen, o.discount_fen, o.freight_fen, o.payable_fen) IS DISTINCT FROM
               (sum(part.goods_fen), sum(part.discount_fen), sum(part.freight_fen),
                sum(part.payable_fen))
           OR o.deposit_fen IS DISTINCT FROM (
               SELECT sum(line.deposit_fen) FROM placement_orderline AS line
               JOIN placement_shoporder AS one ON one.id = line.shop_order_id
               WHERE one.order_id = o.id)
        ORDER BY o.id
        """,
        "order {number}",
        "payable {payable_fen}, its parts {parts_fen}",
    )


@invariant("placement.order_stands_where_its_parts_stand")
def orders_apart_from_their_parts() -> Iterable[Finding]:
    """An order and its parts are unpaid, paid, waiting, cancelled or over together."""
    return found(
        """
        SELECT o.number, o.state, string_agg(part.state, ', ' ORDER BY part.id) AS parts
        FROM placement_order AS o
        LEFT JOIN placement_shoporder AS part ON part.order_id = o.id
        GROUP BY o.id
        HAVING NOT coalesce(CASE o.state
            WHEN 'PENDING_PAYMENT' THEN bool_and(part.state = CASE
                WHEN o.deposit_paid_at IS NULL THEN 'PENDING_PAYMENT' ELSE 'WAIT_BALANCE' END)
            WHEN 'CANCELLED' THEN bool_and(part.state = 'CANCELLED')
            WHEN 'CLOSED' THEN bool_and(part.state = 'CLOSED')
            WHEN 'COMPLETED' THEN bool_and(part.state IN ('COMPLETED', 'CLOSED'))
                AND bool_or(part.state = 'COMPLETED')
            WHEN 'PAID' THEN bool_and(part.state NOT IN ('PENDING_PAYMENT', 'CANCELLED'))
                AND bool_or(part.state NOT IN ('COMPLETED', 'CLOSED'))
                AND bool_or(part.state = 'WAIT_TEAM') = (o.sold_at IS NULL)
        END, false)
        ORDER BY o.id
        """,
        "order {number}",
        "is {state}, its parts are {parts}",
    )


@invariant("placement.orders_explain_stock")
def stock_without_orders() -> Iterable[Finding]:
    """What an order holds or has spent of a stock is what its lines say, and nobody else holds."""
    return found(
        """
        WITH wanted AS (
            SELECT 'order:' || o.reference AS owner,
                   coalesce(activity.quota_id, sku.stock_quota_id) AS quota_id,
                   sum(line.quantity) FILTER (WHERE o.state = 'PENDING_PAYMENT') AS held,
                   sum(line.quantity) FILTER (WHERE o.state IN ('PAID', 'COMPLETED')) AS spent
            FROM placement_orderline AS line
            JOIN placement_shoporder AS part ON part.id = line.shop_order_id
            JOIN placement_order AS o ON o.id = part.order_id
            JOIN catalogue_sku AS sku ON sku.id = line.sku_id
            LEFT JOIN activities_activity AS activity
                ON activity.reference = line.activity_reference
            GROUP BY 1, 2
        ), drawn AS (
            SELECT hold.owner, shard.quota_id, sum(hold.held) AS held, sum(hold.spent) AS spent
            FROM quotas_quotahold AS hold
            JOIN quotas_quotashard AS shard ON shard.id = hold.shard_id
            WHERE starts_with(hold.owner, 'order:')
            GROUP BY 1, 2
        )
        SELECT owner, quota_id,
               coalesce(wanted.held, 0) AS wanted_held, coalesce(wanted.spent, 0) AS wanted_spent,
               coalesce(drawn.held, 0) AS held, coalesce(drawn.spent, 0) AS spent
        FROM wanted FULL JOIN drawn USING (owner, quota_id)
        WHERE coalesce(wanted.held, 0) <> coalesce(drawn.held, 0)
           OR coalesce(wanted.spent, 0) <> coalesce(drawn.spent, 0)
        ORDER BY owner, quota_id
        """,
        "{owner}, quota {quota_id}",
        "holds {held} and spent {spent}; its lines say {wanted_held} and {wanted_spent}",
    )


@invariant("placement.orders_explain_activity_buyers")
def buyers_without_orders() -> Iterable[Finding]:
    """What is counted as somebody's of a limited activity is what their orders say."""
    return found(
        """
        WITH ordered AS (
            SELECT activity.id AS activity_id, o.buyer_id AS user_id, sum(line.quantity) AS pieces
            FROM placement_orderline AS line
            JOIN placement_shoporder AS part ON part.id = line.shop_order_id
            JOIN placement_order AS o ON o.id = part.order_id
            JOIN activities_activity AS activity
                ON activity.reference = line.activity_reference
                AND activity.per_user_limit IS NOT NULL
            WHERE o.state NOT IN ('CANCELLED', 'CLOSED')
            GROUP BY 1, 2
        )
        SELECT activity_id, user_id, coalesce(ordered.pieces, 0) AS pieces,
               coalesce(buyer.bought, 0) AS bought
        FROM ordered FULL JOIN activities_activitybuyer AS buyer USING (activity_id, user_id)
        WHERE coalesce(ordered.pieces, 0) <> coalesce(buyer.bought, 0)
        ORDER BY activity_id, user_id
        """,
        "activity {activity_id}, user {user_id}",
        "counted {bought}, ordered {pieces}",
    )


@invariant("placement.coupons_stand_where_their_order_stands")
def coupons_apart_from_their_order() -> Iterable[Finding]:
    """A coupon is locked by an unpaid order unless voided, used by a paid one, and by no other."""
    return found(
        """
        WITH used AS (
            SELECT DISTINCT discount.coupon_reference, o.reference AS order_reference, o.number,
                   CASE WHEN o.state = 'PENDING_PAYMENT' THEN 'LOCKED' ELSE 'USED' END AS expected
            FROM placement_linediscount AS discount
            JOIN placement_orderline AS line ON line.id = discount.line_id
            JOIN placement_shoporder AS part ON part.id = line.shop_order_id
            JOIN placement_order AS o ON o.id = part.order_id
            WHERE o.state IN ('PENDING_PAYMENT', 'PAID', 'COMPLETED')
              AND discount.coupon_reference IS NOT NULL
              AND NOT (o.state = 'PENDING_PAYMENT' AND EXISTS (
                  SELECT FROM coupons_usercoupon AS void
                  WHERE void.reference = discount.coupon_reference AND void.state = 'VOIDED'))
        ), bound AS (
            SELECT reference AS coupon_reference, order_reference, state
            FROM coupons_usercoupon WHERE state IN ('LOCKED', 'USED')
        )
        SELECT coupon_reference, coalesce(used.expected, 'free') AS expected,
               coalesce(bound.state, 'free') AS state
        FROM used FULL JOIN bound USING (coupon_reference, order_reference)
        WHERE used.expected IS DISTINCT FROM bound.state
        ORDER BY coupon_reference
        """,
        "coupon {coupon_reference}",
        "is {state} and should be {expected}",
    )


@invariant("placement.coupon_uses_are_line_discounts")
def uses_apart_from_discounts() -> Iterable[Finding]:
    """What the coupons say a coupon cost on a line is what the line says."""
    return found(
        """
        WITH frozen AS (
            SELECT discount.coupon_reference, line.reference AS line_reference, discount.funder,
                   discount.amount_fen
            FROM placement_linediscount AS discount
            JOIN placement_orderline AS line ON line.id = discount.line_id
            JOIN placement_shoporder AS part ON part.id = line.shop_order_id
            JOIN placement_order AS o ON o.id = part.order_id
            WHERE o.state IN ('PAID', 'COMPLETED') AND discount.coupon_reference IS NOT NULL
        ), booked AS (
            SELECT coupon.reference AS coupon_reference, use.line_reference, use.funder,
                   use.amount_fen
            FROM coupons_couponuse AS use
            JOIN coupons_usercoupon AS coupon ON coupon.id = use.coupon_id
            WHERE use.reversed_at IS NULL
        )
        SELECT line_reference, funder, coalesce(frozen.amount_fen, 0) AS frozen_fen,
               coalesce(booked.amount_fen, 0) AS booked_fen
        FROM frozen FULL JOIN booked USING (coupon_reference, line_reference, funder)
        WHERE frozen.amount_fen IS DISTINCT FROM booked.amount_fen
        ORDER BY line_reference, funder
        """,
        "line {line_reference}, {funder}",
        "the line says {frozen_fen}, the coupon {booked_fen}",
    )


@invariant("placement.ledger_owes_shops_what_orders_earned")
def ledger_apart_from_orders() -> Iterable[Finding]:
    """Each paid order is booked once at what its shops earn; each undone one is taken back."""
    return found(
        """
        WITH earned AS (
            SELECT o.reference::text AS reference, o.number, shop.reference::text AS shop,
                   sum(line.paid_fen + line.freight_fen) + coalesce(sum((
                       SELECT sum(discount.amount_fen) FROM placement_linediscount AS discount
                       WHERE discount.line_id = line.id AND discount.budget_reference IS NOT NULL
                   )), 0) AS earned_fen, o.paid_at, o.closed_at
            FROM placement_order AS o
            JOIN placement_shoporder AS part ON part.order_id = o.id
            JOIN placement_orderline AS line ON line.shop_order_id = part.id
            JOIN storefronts_shop AS shop ON shop.id = part.shop_id
            GROUP BY o.id, shop.id
        ), expected AS (
            SELECT 'ORDER_PAID' AS kind, reference, shop, -earned_fen AS fen FROM earned
            WHERE paid_at IS NOT NULL AND earned_fen > 0
            UNION ALL
            SELECT 'ORDER_CLOSED', reference, shop, earned_fen FROM earned
            WHERE closed_at IS NOT NULL AND earned_fen > 0
        ), booked AS (
            SELECT entry.kind, entry.reference, posting.owner AS shop,
                   sum(posting.amount_fen) AS fen
            FROM ledger_entry AS entry JOIN ledger_posting AS posting
                ON posting.entry_id = entry.id AND posting.account = 'SHOP_PAYABLE'
            WHERE entry.kind IN ('ORDER_PAID', 'ORDER_CLOSED')
            GROUP BY 1, 2, 3
        )
        SELECT kind, reference, shop, coalesce(expected.fen, 0) AS expected_fen,
               coalesce(booked.fen, 0) AS booked_fen
        FROM expected FULL JOIN booked USING (kind, reference, shop)
        WHERE expected.fen IS DISTINCT FROM booked.fen
        ORDER BY kind, reference, shop
        """,
        "{kind} {reference}, shop {shop}",
        "booked {booked_fen}, earned {expected_fen}",
    )


@invariant("placement.completed_shop_orders_paid_commission")
def completed_without_commission() -> Iterable[Finding]:
    """Each completed shop order bore commission once, at its own rate, and no other did."""
    return found(
        f"""
        WITH expected AS (
            SELECT reference, number, sum((2 * base_fen * commission_bp + 10000) / 20000) AS fen
            FROM (
                SELECT part.reference::text AS reference, part.number, part.commission_bp,
                       line.paid_fen + coalesce((
                           SELECT sum(discount.amount_fen)::bigint
                           FROM placement_linediscount AS discount
                           WHERE discount.line_id = line.id
                               AND discount.budget_reference IS NOT NULL
                               AND discount.kind NOT IN ({_ON_FREIGHT})
                       ), 0) AS base_fen
                FROM placement_shoporder AS part
                JOIN placement_orderline AS line ON line.shop_order_id = part.id
                WHERE part.state = 'COMPLETED'
            ) AS based
            GROUP BY reference, number
        ), booked AS (
            SELECT entry.reference, sum(posting.amount_fen) AS fen
            FROM ledger_entry AS entry JOIN ledger_posting AS posting
                ON posting.entry_id = entry.id AND posting.account = 'SHOP_PAYABLE'
            WHERE entry.kind = 'SHOP_ORDER_COMPLETED'
            GROUP BY 1
        )
        SELECT reference, coalesce(expected.fen, 0) AS expected_fen,
               coalesce(booked.fen, 0) AS booked_fen
        FROM expected FULL JOIN booked USING (reference)
        WHERE coalesce(expected.fen, 0) <> coalesce(booked.fen, 0)
        ORDER BY reference
        """,  # noqa: S608 - put together from constants.
        "shop order {reference}",
        "commission booked {booked_fen}, due {expected_fen}",
    )


@invariant("placement.purchases_are_counted")
def purchases_that_are_not_counted() -> Iterable[Finding]:
    """Check that whoever is taken for new has no paid order: each one that stands is counted."""
    return found(
        """
        WITH paid AS (
            SELECT buyer_id, count(*) AS orders FROM placement_order
            WHERE paid_at IS NOT NULL AND state <> 'CLOSED' GROUP BY buyer_id
        )
        SELECT coalesce(paid.buyer_id, counted.user_id) AS person,
               coalesce(paid.orders, 0) AS orders, coalesce(counted.orders, 0) AS told
        FROM paid FULL JOIN coupons_purchasecount AS counted ON counted.user_id = paid.buyer_id
        WHERE coalesce(paid.orders, 0) <> coalesce(counted.orders, 0) ORDER BY 1
        """,
        "person {person}",
        "has {orders} paid orders, {told} are counted",
    )


@invariant("placement.lines_name_the_campaign_of_their_activity")
def lines_of_another_campaign() -> Iterable[Finding]:
    """A line counts for the campaign that its activity belongs to, and for no other."""
    return found(
        """
        SELECT line.reference, activity.reference AS activity
        FROM placement_orderline AS line
        JOIN activities_activity AS activity ON activity.reference = line.activity_reference
        WHERE line.campaign_reference IS DISTINCT FROM activity.campaign_reference
        ORDER BY line.id
        """,
        "line {reference}",
        "counts for another campaign than activity {activity}",
    )
