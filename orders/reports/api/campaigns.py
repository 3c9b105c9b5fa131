"""`/reports/campaigns`."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of
from core.accounts.permissions import Role, RoleNeeded
from core.accounts.selectors import roles
from core.errors import Forbidden, InvalidInput
from core.http.schema import operation
from marketplace.coupons.domain.kinds import Funder
from orders.reports.api.sales import DaysQuery, SalesOutput, shown
from orders.reports.selectors import campaigns
from orders.reports.selectors.sales import Days


class FunderGaveOutput(serializers.Serializer):
    """What one kind of funder gave."""

    funder = serializers.ChoiceField(Funder.choices)
    amount_fen = serializers.IntegerField()


class CampaignSalesOutput(SalesOutput):
    """What one campaign sold, and who paid for what was taken off."""

    campaign = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    price_cut_fen = serializers.IntegerField(
        help_text="What its prices are below the ordinary ones; the shops bear it."
    )
    discounts = FunderGaveOutput(many=True)


class CampaignsReportOutput(serializers.Serializer):
    """One row for each campaign; the total is counted afresh, since an order may be of several."""

    campaigns = CampaignSalesOutput(many=True)
    total = SalesOutput()


class CampaignSales(APIView):
    """What campaigns sold."""

    permission_classes = [RoleNeeded(Role.REPORTS)]

    @operation(
        summary="Sales by campaign, and who paid for what was taken off",
        query=DaysQuery,
        response=CampaignsReportOutput,
        refusals=(InvalidInput, Forbidden),
    )
    def get(self, request: Request) -> Response:
        query = DaysQuery.read_query(request)
        days = Days(query["from"], query["to"])
        scope = roles.region_scope(seller_of(actor_of(request)), Role.REPORTS)
        found: list[dict[str, Any]] = [
            {
                "campaign": one.reference,
                "slug": one.slug,
                "name": one.name,
                "name_en": one.name_en,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "price_cut_fen": one.price_cut_fen,
                "discounts": [
                    {"funder": funder, "amount_fen": amount_fen}
                    for funder, amount_fen in one.by_funder.items()
                ],
            }
            | shown(one.sales)
            for one in campaigns.by_campaign(days, scope)
        ]
        return Response({"campaigns": found, "total": shown(campaigns.total(days, scope))})
