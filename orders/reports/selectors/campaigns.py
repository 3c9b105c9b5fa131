"""What each campaign sold, and who paid for what was taken off; read from frozen lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Sum

from marketplace.campaigns.domain.states import CampaignState
from marketplace.campaigns.models import Campaign
from marketplace.campaigns.selectors import calendar
from orders.placement.models import LineDiscount
from orders.reports.selectors.sales import Days, Sales, figures, lines_of, sales_of

_NEVER_HELD = (CampaignState.DRAFT, CampaignState.CANCELLED)


@dataclass(frozen=True, slots=True)
class CampaignSales:
    """What one campaign sold.

    `price_cut_fen` is what its prices are below the ordinary ones, which the shops bear; what each
    funder gave on top of that stands in `by_funder`.
    """

    reference: str
    slug: str
    name: str
    name_en: str
    starts_at: datetime
    ends_at: datetime
    sales: Sales
    price_cut_fen: int = 0
    by_funder: Mapping[str, int] = field(default_factory=dict)


def by_campaign(days: Days, scope: Sequence[str] | None) -> list[CampaignSales]:
    """Return a row for each campaign that ran or sold on some of these days, in their order.

    One that sold nothing from these regions has a row of zeros.
    """
    lines = lines_of(days, scope).filter(campaign_reference__isnull=False)
    cut = Sum(
        (F("list_price_fen") - F("unit_price_fen")) * (F("quantity") - F("refunded_quantity"))
    )
    rows: Any = lines.values("campaign_reference").annotate(**figures(), cut=cut)
    sold = {row["campaign_reference"]: row for row in rows.order_by()}
    ran = calendar.within(
        Campaign.objects.exclude(state__in=_NEVER_HELD), start=days.start(), end=days.end()
    )
    held = Campaign.objects.filter(Q(pk__in=ran.values("pk")) | Q(reference__in=list(sold)))
    funders = _by_funder(lines)
    nothing = {**dict.fromkeys(figures(), 0), "cut": 0}
    return [
        CampaignSales(
            str(campaign.reference),
            campaign.slug,
            campaign.name,
            campaign.name_en,
            campaign.starts_at,
            campaign.ends_at,
            sales_of(sold.get(campaign.reference, nothing)),
            int(sold.get(campaign.reference, nothing)["cut"]),
            funders.get(campaign.reference, {}),
        )
        for campaign in held.order_by("starts_at", "id")
    ]


def total(days: Days, scope: Sequence[str] | None) -> Sales:
    """Return the sales of all campaigns: one order in several campaigns counts once here."""
    lines = lines_of(days, scope).filter(campaign_reference__isnull=False)
    return sales_of(lines.aggregate(**figures()))


def _by_funder(lines: Any) -> dict[Any, dict[str, int]]:
    # What was undone is out, as in the sales of regions.
    rows: Any = (
        LineDiscount.objects.filter(line__in=lines.filter(refunded_quantity__lt=F("quantity")))
        .values("line__campaign_reference", "funder")
        .annotate(amount_fen=Sum("amount_fen"))
        .order_by("funder")
    )
    found: dict[Any, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["line__campaign_reference"]][row["funder"]] = int(row["amount_fen"])
    return found
