"""What a batch would do if it were put to work now, for campaign managers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.permissions import Role, RoleNeeded
from core.http.schema import operation
from marketplace.coupons.domain.kinds import Funder
from marketplace.coupons.domain.outlooks import STOPPING, Finding, misses
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.selectors import outlooks, shown
from marketplace.coupons.services import approving
from marketplace.sections.domain.states import SectionState


class NamedCountOutput(serializers.Serializer[Any]):
    """A shop or a county, and how many products in scope are its own."""

    name = serializers.CharField()
    products = serializers.IntegerField()


class SampleOutput(serializers.Serializer[Any]):
    """A product in scope, and the fewest pieces of it for which the coupon counts."""

    product = serializers.UUIDField()
    title = serializers.CharField()
    price_fen = serializers.IntegerField()
    pieces = serializers.IntegerField()
    sale_fen = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()


class CostOutput(serializers.Serializer[Any]):
    """The most a funder could have to pay, beside what its budget has left; shops have none."""

    funder = serializers.ChoiceField(choices=Funder.choices)
    worst_fen = serializers.IntegerField()
    left_fen = serializers.IntegerField(allow_null=True)
    budget = serializers.UUIDField(allow_null=True)


class OpeningOutput(serializers.Serializer[Any]):
    """A section that the batch names, and whether its coupons can ever be used there."""

    slug = serializers.CharField()
    state = serializers.ChoiceField(choices=SectionState.choices)
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    is_missed = serializers.BooleanField()


class OverlapOutput(serializers.Serializer[Any]):
    """Another live batch for some of the same goods at the same time."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)


class FindingOutput(serializers.Serializer[Any]):
    """Something that whoever approves the batch should know."""

    code = serializers.ChoiceField(choices=[finding.value for finding in Finding])
    stops = serializers.BooleanField(help_text="Whether an approval is refused for it")


class OutlookOutput(serializers.Serializer[Any]):
    """What a batch would do if it were put to work now."""

    batch = serializers.UUIDField()
    products = serializers.IntegerField(help_text="Listed products in its scope")
    counting = serializers.IntegerField(help_text="Those of them whose shops bear their part")
    shops = serializers.IntegerField()
    counties = serializers.IntegerField()
    cheapest_fen = serializers.IntegerField(allow_null=True)
    largest_shops = NamedCountOutput(many=True)
    largest_counties = NamedCountOutput(many=True)
    samples = SampleOutput(many=True)
    use_from = serializers.DateTimeField()
    use_until = serializers.DateTimeField()
    sections = OpeningOutput(many=True)
    costs = CostOutput(many=True)
    worst_fen = serializers.IntegerField(help_text="All coupons together, whoever pays")
    needs_second_officer = serializers.BooleanField()
    overlaps = OverlapOutput(many=True)
    findings = FindingOutput(many=True)


class BatchOutlook(APIView):
    """The outlook of one batch."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="Read what a coupon batch would do now", response=OutlookOutput)
    def get(self, request: Request, reference: UUID) -> Response:  # noqa: ARG002
        batch = shown.batch(reference)
        return Response(_outlook(batch, outlooks.outlook_of(batch, timezone.now())))


def _outlook(batch: Any, outlook: outlooks.Outlook) -> dict[str, Any]:
    reach, window = outlook.reach, outlook.window
    return {
        "batch": str(batch.reference),
        "products": reach.products,
        "counting": reach.counting,
        "shops": reach.shops,
        "counties": reach.counties,
        "cheapest_fen": reach.cheapest_fen,
        "largest_shops": _named(outlook.shops),
        "largest_counties": _named(outlook.counties),
        "samples": [_sample(sample) for sample in outlook.samples],
        "use_from": window.start,
        "use_until": window.end,
        "sections": [
            {
                "slug": opening.slug,
                "state": opening.state,
                "opens_at": opening.opens_at,
                "closes_at": opening.closes_at,
                "is_missed": misses(opening, window),
            }
            for opening in outlook.openings
        ],
        "costs": [
            {
                "funder": cost.funder,
                "worst_fen": cost.worst_fen,
                "left_fen": cost.left_fen,
                "budget": cost.budget_reference,
            }
            for cost in outlook.costs
        ],
        "worst_fen": outlook.worst_fen,
        "needs_second_officer": approving.needs_officer(batch, outlook.worst_fen),
        "overlaps": [
            {"id": one.reference, "name": one.name, "state": one.state} for one in outlook.overlaps
        ],
        "findings": [
            {"code": finding.value, "stops": finding in STOPPING} for finding in outlook.findings
        ],
    }


def _named(pairs: Any) -> list[dict[str, Any]]:
    return [{"name": name, "products": products} for name, products in pairs]


def _sample(sample: Any) -> dict[str, Any]:
    return {
        "product": sample.product_reference,
        "title": sample.title,
        "price_fen": sample.price_fen,
        "pieces": sample.pieces,
        "sale_fen": sample.sale_fen,
        "discount_fen": sample.discount_fen,
        "paid_fen": sample.paid_fen,
    }
