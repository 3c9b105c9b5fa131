"""What must always be true of the catalogue, derived from scratch."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("catalogue.adjustments_explain_totals")
def adjustments_explain_totals() -> Iterable[Finding]:
    """The total of a stock is the sum of the rows that say why it is so."""
    return found(
        """
        SELECT sku.id, total.pieces, coalesce(journal.pieces, 0) AS explained
        FROM catalogue_sku AS sku
        JOIN (
            SELECT quota_id, sum(total)::bigint AS pieces FROM quotas_quotashard GROUP BY quota_id
        ) AS total ON total.quota_id = sku.stock_quota_id
        LEFT JOIN (
            SELECT sku_id, sum(change)::bigint AS pieces FROM catalogue_stockadjustment
            GROUP BY sku_id
        ) AS journal ON journal.sku_id = sku.id
        WHERE total.pieces <> coalesce(journal.pieces, 0)
        ORDER BY sku.id
        """,
        "sku {id}",
        "stock {pieces}, adjustments explain {explained}",
    )


@invariant("catalogue.cards_are_current")
def cards_are_current() -> Iterable[Finding]:
    """Every product that was ever published has a card of its version, listed when on sale."""
    return found(
        """
        SELECT product.id, product.version, product.state, shop.state AS shop_state,
            coalesce(card.version, 0) AS card_version, coalesce(card.is_listed, false) AS listed
        FROM catalogue_product AS product
        JOIN storefronts_shop AS shop ON shop.id = product.shop_id
        LEFT JOIN catalogue_productcard AS card ON card.product_id = product.id
        WHERE product.published_at IS NOT NULL
            AND (
                card.product_id IS NULL
                OR card.version <> product.version
                OR (card.is_listed AND product.state <> 'PUBLISHED')
                OR (
                    card.is_listed <> (product.state = 'PUBLISHED' AND shop.state = 'OPEN')
                    -- A shop has just opened or closed and its cards are about to follow.
                    AND NOT EXISTS (
                        SELECT FROM outbox_delivery AS owed
                        WHERE owed.consumer = 'shops.catalogue.tasks.follow_shop'
                            AND owed.state = 'PENDING'
                    )
                )
                OR card.price_from_fen <> (
                    SELECT min(sku.price_fen) FROM catalogue_sku AS sku
                    WHERE sku.product_id = product.id
                )
            )
        ORDER BY product.id
        """,
        "product {id}",
        "{state} at version {version} in a shop {shop_state};"
        " card at version {card_version}, listed: {listed}",
    )
