"""What must always be true of campaigns, derived from scratch."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("campaigns.approved_are_sold_as_agreed")
def approved_are_sold_as_agreed() -> Iterable[Finding]:
    """What was approved is sold by an activity of its campaign: that SKU, price, pieces, time."""
    return found(
        """
        SELECT enrolment.reference, activity.reference AS activity
        FROM campaigns_enrolment AS enrolment
        JOIN campaigns_campaign AS campaign ON campaign.id = enrolment.campaign_id
        JOIN activities_activity AS activity ON activity.id = enrolment.activity_id
        WHERE activity.kind <> 'PRICE'
            OR (activity.sku_id, activity.shop_id, activity.price_fen, activity.quantity,
                activity.campaign_reference) IS DISTINCT FROM
                (enrolment.sku_id, enrolment.shop_id, enrolment.price_fen, enrolment.quantity,
                campaign.reference)
            OR activity.per_user_limit IS DISTINCT FROM enrolment.per_user_limit
            OR activity.starts_at < campaign.starts_at
            OR activity.ends_at <> campaign.ends_at
        ORDER BY enrolment.id
        """,
        "enrolment {reference}",
        "activity {activity} sells something else",
    )


@invariant("campaigns.prices_are_approved")
def prices_are_approved() -> Iterable[Finding]:
    """No price of a campaign counts that nobody approved, or whose campaign has stopped."""
    return found(
        """
        SELECT activity.reference
        FROM activities_activity AS activity
        LEFT JOIN campaigns_campaign AS campaign
            ON campaign.reference = activity.campaign_reference
        LEFT JOIN campaigns_enrolment AS enrolment ON enrolment.activity_id = activity.id
        WHERE activity.campaign_reference IS NOT NULL AND activity.kind = 'PRICE'
            AND activity.state <> 'ENDED'
            AND (enrolment.id IS NULL OR enrolment.campaign_id <> campaign.id
                OR campaign.state IN ('DRAFT', 'PAUSED', 'CANCELLED')
                OR campaign.over_at < campaign.ends_at)
        ORDER BY activity.id
        """,
        "activity {reference}",
        "its price counts, and its campaign says nothing of it",
    )


@invariant("campaigns.nothing_is_left_undecided")
def nothing_is_left_undecided() -> Iterable[Finding]:
    """A campaign that is over holds nothing that waits for a decision."""
    return found(
        """
        SELECT campaign.slug, count(*) AS waiting
        FROM campaigns_campaign AS campaign
        JOIN campaigns_enrolment AS enrolment ON enrolment.campaign_id = campaign.id
        WHERE campaign.state IN ('ENDED', 'CANCELLED') AND enrolment.state = 'SUBMITTED'
            OR campaign.state = 'CANCELLED' AND enrolment.state = 'APPROVED'
        GROUP BY campaign.id ORDER BY campaign.id
        """,
        "campaign {slug}",
        "{waiting} enrolments are left open",
    )
