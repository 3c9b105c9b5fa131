"""What is always true of sections."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("sections.counts_add_up_to_members")
def counts_at_odds_with_members() -> Iterable[Finding]:
    """Find facets that say more or less than the pages behind them show."""
    return found(
        """
        SELECT section_id, origin_county, category_id,
            coalesce(count.members, 0) AS counted, coalesce(member.members, 0) AS held
        FROM sections_sectioncount AS count
        FULL JOIN (
            SELECT section_id, origin_county, category_id, count(*) AS members
            FROM sections_sectionmember WHERE is_shown
            GROUP BY section_id, origin_county, category_id
        ) AS member USING (section_id, origin_county, category_id)
        WHERE coalesce(count.members, 0) <> coalesce(member.members, 0)
        ORDER BY section_id, origin_county, category_id
        """,
        subject="section {section_id}, county {origin_county}, category {category_id}",
        detail="counted {counted}, shows {held}",
    )


@invariant("sections.members_are_on_sale_somewhere")
def members_without_a_card() -> Iterable[Finding]:
    """Find members whose product was never prepared to be shown."""
    return found(
        """
        SELECT member.section_id, member.product_id FROM sections_sectionmember AS member
        WHERE NOT EXISTS (
            SELECT 1 FROM catalogue_productcard AS card
            WHERE card.product_id = member.product_id
        )
        """,
        subject="section {section_id}, product {product_id}",
        detail="there is no card to show",
    )


@invariant("sections.co_branded_members_are_approved_by_both")
def members_without_both_approvals() -> Iterable[Finding]:
    """Find what a co-branded section holds although a side has not said yes."""
    return found(
        """
        SELECT member.section_id, member.product_id
        FROM sections_sectionmember AS member
        JOIN sections_section AS section
            ON section.id = member.section_id AND section.kind = 'CO_BRANDED'
        WHERE NOT EXISTS (
            SELECT 1 FROM sections_sectionitem AS item
            WHERE item.section_id = member.section_id AND item.product_id = member.product_id
                AND item.state = 'APPROVED'
                AND item.partner_at IS NOT NULL AND item.platform_at IS NOT NULL
        )
        ORDER BY member.section_id, member.product_id
        """,
        subject="section {section_id}, product {product_id}",
        detail="shown without the approval of both sides",
    )


@invariant("sections.halls_hold_only_their_county")
def members_of_halls_from_elsewhere() -> Iterable[Finding]:
    """Find what a county's hall holds although it comes from another county."""
    return found(
        """
        SELECT member.section_id, member.product_id, member.origin_county
        FROM sections_sectionmember AS member
        JOIN sections_section AS section
            ON section.id = member.section_id AND section.kind = 'HALL'
        WHERE member.origin_county <> section.county
        ORDER BY member.section_id, member.product_id
        """,
        subject="section {section_id}, product {product_id}",
        detail="it comes from {origin_county}",
    )


@invariant("sections.marks_are_authorised_and_fit")
def marks_without_a_right() -> Iterable[Finding]:
    """Find products that bear a mark their shop may not use, or of another county."""
    return found(
        """
        SELECT mark.product_id, held.brand_id
        FROM sections_brandmark AS mark
        JOIN sections_brandauthorisation AS held ON held.id = mark.authorisation_id
        JOIN sections_regionalbrand AS brand ON brand.id = held.brand_id
        JOIN catalogue_product AS product ON product.id = mark.product_id
        WHERE held.ended_at IS NOT NULL OR brand.state <> 'ACTIVE'
            OR product.shop_id <> held.shop_id OR product.origin_county <> brand.county
        ORDER BY mark.product_id
        """,
        subject="product {product_id}",
        detail="bears the mark of brand {brand_id} without a right to it",
    )
