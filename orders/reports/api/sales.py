"""`/reports/region-sales`."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of
from core.accounts.permissions import Role, RoleNeeded
from core.accounts.selectors import roles
from core.errors import Forbidden, InvalidInput
from core.http.forms import DayField, Form, forward
from core.http.schema import operation
from core.weight import tonnes
from marketplace.coupons.domain.kinds import Funder
from orders.reports.selectors import sales
from orders.reports.selectors.sales import Days, Sales


class DaysQuery(Form):
    """Days of payment in China: `from` is the first one, `to` the first one after."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": DayField(), "to": DayField()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        forward(attrs, "from", "to")
        return attrs


class SalesOutput(serializers.Serializer):
    """What was sold; refunded units are taken out of `net_fen` and the weight."""

    orders = serializers.IntegerField()
    shop_orders = serializers.IntegerField()
    pieces = serializers.IntegerField()
    sale_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    refund_fen = serializers.IntegerField()
    net_fen = serializers.IntegerField()
    net_weight_g = serializers.IntegerField()
    tonnes = serializers.CharField()


class CountyNameOutput(serializers.Serializer):
    """A county."""

    code = serializers.CharField()
    name = serializers.CharField()


class CountySalesOutput(SalesOutput):
    """What one county sold."""

    origin = CountyNameOutput()


class BudgetSpentOutput(serializers.Serializer):
    """What one budget gave."""

    budget = serializers.UUIDField()
    name = serializers.CharField()
    funder = serializers.ChoiceField(Funder.choices)
    spent_fen = serializers.IntegerField()


class RegionSalesOutput(serializers.Serializer):
    """Sales by county; the total is counted afresh, since one order may be of several counties."""

    counties = CountySalesOutput(many=True)
    total = SalesOutput()
    budgets = BudgetSpentOutput(many=True)


class RegionSales(APIView):
    """What was sold from where."""

    permission_classes = [RoleNeeded(Role.REPORTS)]

    @operation(
        summary="Sales by county of origin, and what budgets spent on them",
        query=DaysQuery,
        response=RegionSalesOutput,
        refusals=(InvalidInput, Forbidden),
    )
    def get(self, request: Request) -> Response:
        query = DaysQuery.read_query(request)
        days = Days(query["from"], query["to"])
        scope = roles.region_scope(seller_of(actor_of(request)), Role.REPORTS)
        counties = [
            {"origin": {"code": county.code, "name": county.name}} | shown(county.sales)
            for county in sales.by_county(days, scope)
        ]
        budgets = [
            {
                "budget": budget.reference,
                "name": budget.name,
                "funder": budget.funder,
                "spent_fen": budget.spent_fen,
            }
            for budget in sales.budgets_spent(days, scope)
        ]
        total = shown(sales.total(days, scope))
        return Response({"counties": counties, "total": total, "budgets": budgets})


def shown(figures: Sales) -> dict[str, Any]:
    """Return figures as reports say them."""
    return {
        "orders": figures.orders,
        "shop_orders": figures.shop_orders,
        "pieces": figures.pieces,
        "sale_fen": figures.sale_fen,
        "paid_fen": figures.paid_fen,
        "refund_fen": figures.refund_fen,
        "net_fen": figures.net_fen,
        "net_weight_g": figures.net_weight_g,
        "tonnes": tonnes(figures.net_weight_g),
    }
