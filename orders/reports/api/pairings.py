"""`/reports/pairings`."""

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
from orders.reports.api.sales import CountyNameOutput, DaysQuery, SalesOutput, shown
from orders.reports.selectors import pairings
from orders.reports.selectors.sales import Days


class PairedSalesOutput(SalesOutput):
    """What counted for one pairing."""

    pairing = serializers.UUIDField()
    helper = CountyNameOutput()
    helped = CountyNameOutput()


class PairingsOutput(serializers.Serializer):
    """Paired sales; the total is counted afresh, since one order may be of several pairings."""

    pairings = PairedSalesOutput(many=True)
    total = SalesOutput()


class PairedSales(APIView):
    """What paired regions bought from those they help."""

    permission_classes = [RoleNeeded(Role.REPORTS)]

    @operation(
        summary="Sales by pairing of regions",
        query=DaysQuery,
        response=PairingsOutput,
        refusals=(InvalidInput, Forbidden),
    )
    def get(self, request: Request) -> Response:
        query = DaysQuery.read_query(request)
        days = Days(query["from"], query["to"])
        scope = roles.region_scope(seller_of(actor_of(request)), Role.REPORTS)
        found: list[dict[str, Any]] = [
            {
                "pairing": one.reference,
                "helper": {"code": one.helper[0], "name": one.helper[1]},
                "helped": {"code": one.helped[0], "name": one.helped[1]},
            }
            | shown(one.sales)
            for one in pairings.by_pairing(days, scope)
        ]
        return Response({"pairings": found, "total": shown(pairings.total(days, scope))})
