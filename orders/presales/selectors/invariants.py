"""What must hold of pre-sales, their orders, and the deposits that are nobody's yet."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("presales.held_deposits_are_open_deposits")
def deposits_apart_from_the_ledger() -> Iterable[Finding]:
    """The deposits that the ledger holds for a shop are those of its orders that are undecided."""
    return found(
        """
        WITH open AS (
            SELECT shop.reference::text AS shop, sum(o.deposit_fen) AS fen
            FROM presales_preorder AS preorder
            JOIN placement_order AS o ON o.id = preorder.order_id
            JOIN placement_shoporder AS part ON part.order_id = o.id
            JOIN storefronts_shop AS shop ON shop.id = part.shop_id
            WHERE preorder.state IN ('DEPOSIT_PAID', 'BALANCE_DUE')
            GROUP BY 1
        ), held AS (
            SELECT owner AS shop, -sum(amount_fen) AS fen FROM ledger_posting
            WHERE account = 'DEPOSIT_HELD' GROUP BY 1
        )
        SELECT shop, coalesce(open.fen, 0) AS open_fen, coalesce(held.fen, 0) AS held_fen
        FROM open FULL JOIN held USING (shop)
        WHERE coalesce(open.fen, 0) <> coalesce(held.fen, 0)
        ORDER BY shop
        """,
        "shop {shop}",
        "the ledger holds {held_fen}, its open deposits are {open_fen}",
    )


@invariant("presales.preorders_stand_where_their_orders_stand")
def preorders_apart_from_their_orders() -> Iterable[Finding]:
    """A pre-order is to be paid, half paid, paid or over as its order is."""
    return found(
        """
        SELECT o.number, o.state, preorder.state AS preorder
        FROM presales_preorder AS preorder
        JOIN placement_order AS o ON o.id = preorder.order_id
        WHERE NOT CASE o.state
            WHEN 'PENDING_PAYMENT' THEN CASE
                WHEN o.deposit_paid_at IS NOT NULL
                    THEN preorder.state IN ('DEPOSIT_PAID', 'BALANCE_DUE')
                WHEN o.deposit_fen > 0 THEN preorder.state = 'DEPOSIT_DUE'
                ELSE preorder.state = 'WHOLE_DUE' END
            WHEN 'CANCELLED' THEN CASE
                WHEN o.deposit_paid_at IS NOT NULL
                    THEN preorder.state IN ('FORFEITED', 'REFUNDED')
                ELSE preorder.state = 'CANCELLED' END
            WHEN 'CLOSED' THEN preorder.state = 'REFUNDED'
            ELSE preorder.state IN ('PAID', 'TO_SHIP')
        END
        ORDER BY preorder.id
        """,
        "order {number}",
        "is {state}, its pre-order {preorder}",
    )


@invariant("presales.orders_that_wait_have_a_preorder")
def orders_without_a_preorder() -> Iterable[Finding]:
    """Every order that waits for a pre-sale has a pre-order, and only those do."""
    return found(
        """
        SELECT o.number, o.waits_for FROM placement_order AS o
        LEFT JOIN presales_preorder AS preorder ON preorder.order_id = o.id
        WHERE (o.waits_for = 'PRESALE') <> (preorder.id IS NOT NULL)
        ORDER BY o.id
        """,
        "order {number}",
        "waits for '{waits_for}' and does not fit its pre-order",
    )


@invariant("presales.sold_within_the_forecast")
def sold_beyond_the_forecast() -> Iterable[Finding]:
    """Of a harvest no more is ordered than its forecast and factor allow."""
    return found(
        """
        SELECT activity.reference, sum(line.net_weight_g)::bigint AS sold_g,
               terms.forecast_g * terms.factor_bp / 10000 AS most_g
        FROM presales_presaleterms AS terms
        JOIN activities_activity AS activity ON activity.id = terms.activity_id
        JOIN presales_preorder AS preorder ON preorder.terms_id = terms.id
            AND preorder.state NOT IN ('FORFEITED', 'REFUNDED', 'CANCELLED')
        JOIN placement_shoporder AS part ON part.order_id = preorder.order_id
        JOIN placement_orderline AS line ON line.shop_order_id = part.id
        WHERE terms.forecast_g IS NOT NULL
        GROUP BY terms.id, activity.id
        HAVING sum(line.net_weight_g) * 10000 > terms.forecast_g * terms.factor_bp
        ORDER BY terms.id
        """,
        "pre-sale {reference}",
        "sold {sold_g} g of {most_g} g",
    )


@invariant("presales.lost_deposits_are_their_shops")
def deposits_lost_to_nobody() -> Iterable[Finding]:
    """A deposit went to its shop once if its balance was not paid, and back if the order ended."""
    return found(
        """
        WITH expected AS (
            SELECT o.reference::text AS reference, o.deposit_fen AS fen,
                   CASE preorder.state WHEN 'FORFEITED' THEN 'DEPOSIT_FORFEITED'
                       ELSE 'DEPOSIT_RETURNED' END AS kind
            FROM presales_preorder AS preorder
            JOIN placement_order AS o ON o.id = preorder.order_id
            WHERE preorder.state = 'FORFEITED'
               OR preorder.state = 'REFUNDED' AND preorder.paid_at IS NULL
        ), booked AS (
            SELECT entry.kind, entry.reference, sum(posting.amount_fen) AS fen
            FROM ledger_entry AS entry JOIN ledger_posting AS posting
                ON posting.entry_id = entry.id AND posting.account = 'DEPOSIT_HELD'
            WHERE entry.kind IN ('DEPOSIT_FORFEITED', 'DEPOSIT_RETURNED')
            GROUP BY 1, 2
        )
        SELECT kind, reference, coalesce(expected.fen, 0) AS expected_fen,
               coalesce(booked.fen, 0) AS booked_fen
        FROM expected FULL JOIN booked USING (kind, reference)
        WHERE expected.fen IS DISTINCT FROM booked.fen
        ORDER BY kind, reference
        """,
        "{kind} {reference}",
        "booked {booked_fen}, due {expected_fen}",
    )


@invariant("presales.defaults_are_compensated")
def defaults_without_compensation() -> Iterable[Finding]:
    """Whoever is refunded because the shop cannot deliver gets what it promised, once; no one else.

    Refund, ledger and pre-order say the same amount.
    """
    return found(
        """
        WITH owed AS (
            SELECT entry.reference, sum(posting.amount_fen) AS fen
            FROM ledger_entry AS entry JOIN ledger_posting AS posting
                ON posting.entry_id = entry.id AND posting.account = 'SHOP_PAYABLE'
            WHERE entry.kind = 'COMPENSATION_OWED' GROUP BY 1
        ), given AS (
            SELECT payment.order_id,
                   sum(refund.amount_fen) FILTER (WHERE refund.reason = 'COMPENSATION') AS fen,
                   bool_or(refund.reason = 'SELLER_DEFAULT') AS is_default
            FROM payments_refund AS refund
            JOIN payments_payment AS payment ON payment.id = refund.payment_id
            GROUP BY 1
        )
        SELECT o.number, coalesce(preorder.compensation_fen, 0) AS promised_fen,
               coalesce(owed.fen, 0) AS owed_fen, coalesce(given.fen, 0) AS given_fen
        FROM placement_order AS o
        JOIN given ON given.order_id = o.id
        LEFT JOIN presales_preorder AS preorder ON preorder.order_id = o.id
        LEFT JOIN presales_presaleterms AS terms ON terms.id = preorder.terms_id
        LEFT JOIN owed ON owed.reference = o.reference::text
        WHERE coalesce(owed.fen, 0) <> coalesce(given.fen, 0)
           OR given.is_default AND coalesce(given.fen, 0) <> coalesce(preorder.compensation_fen, 0)
           OR given.fen > 0 AND (terms.state IS NULL OR terms.state = 'OPEN'
               OR preorder.state <> 'REFUNDED' OR given.fen <> preorder.compensation_fen)
        ORDER BY o.id
        """,
        "order {number}",
        "promised {promised_fen}, the shop owes {owed_fen}, refunds give {given_fen}",
    )


@invariant("presales.settled_defaults_leave_nobody_waiting")
def settled_with_open_orders() -> Iterable[Finding]:
    """Of a default that is settled no money is awaited, and nothing waits that was not sent."""
    return found(
        """
        SELECT activity.reference, count(*) AS waiting
        FROM presales_presaleterms AS terms
        JOIN activities_activity AS activity ON activity.id = terms.activity_id
        JOIN presales_preorder AS preorder ON preorder.terms_id = terms.id
        WHERE terms.state = 'SETTLED' AND (
            preorder.state IN ('DEPOSIT_PAID', 'BALANCE_DUE')
            OR preorder.state IN ('PAID', 'TO_SHIP') AND preorder.spared_at IS NULL)
        GROUP BY terms.id, activity.id
        ORDER BY terms.id
        """,
        "pre-sale {reference}",
        "is settled, {waiting} orders still wait",
    )
