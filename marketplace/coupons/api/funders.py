"""A funder's officers, and the money that they see: their organisation's and nobody else's."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import signed_in
from core.accounts.permissions import Role, RoleNeeded
from core.accounts.selectors import roles
from core.http.callers import caller_of
from core.http.limits import Limit, spend_limit
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from marketplace.coupons.api import forms, funder_outputs, outputs
from marketplace.coupons.models import CouponBudget
from marketplace.coupons.selectors import funders, shown
from marketplace.coupons.services import officers

# As with the members of shops: whoever tries phones out finds little.
ADDITIONS = Limit("officers.add", 30, per_s=86_400)


class FunderBudgets(APIView):
    """The budgets of the caller's organisation."""

    permission_classes = [RoleNeeded(Role.FUNDER)]

    @operation(
        summary="List the coupon budgets of one's organisation",
        response=outputs.BudgetOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        rows = funders.budgets_of(signed_in(request).pk)
        return paged(request, rows, ordering=("-opened_at", "-id"), render=outputs.budget)


class FunderBudget(APIView):
    """One of them."""

    permission_classes = [RoleNeeded(Role.FUNDER)]

    @operation(summary="Read a coupon budget of one's organisation", response=outputs.BudgetOutput)
    def get(self, request: Request, reference: UUID) -> Response:
        return Response(outputs.budget(_own(request, reference)))


class FunderBatches(APIView):
    """What it pays for."""

    permission_classes = [RoleNeeded(Role.FUNDER)]

    @operation(
        summary="List the batches that a budget pays for",
        response=funder_outputs.PaidBatchOutput,
        paged=True,
    )
    def get(self, request: Request, reference: UUID) -> Response:
        rows = funders.batches_of(_own(request, reference))
        return paged(
            request, rows, ordering=("-created_at", "-id"), render=funder_outputs.paid_batch
        )


class FunderMovements(APIView):
    """What was taken out of it."""

    permission_classes = [RoleNeeded(Role.FUNDER)]

    @operation(
        summary="List what coupons took out of a budget, the newest first",
        response=funder_outputs.MovementOutput,
        paged=True,
    )
    def get(self, request: Request, reference: UUID) -> Response:
        rows = funders.movements_of(_own(request, reference))
        return paged(request, rows, ordering=("-used_at", "-id"), render=funder_outputs.movement)


class Officers(APIView):
    """Who looks after the money of a budget's organisation, for campaign managers."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="List the officers of a budget's organisation",
        response=funder_outputs.OfficerOutput,
        paged=True,
    )
    def get(self, request: Request, reference: UUID) -> Response:
        return paged(
            request,
            _officers(shown.budget(reference)),
            ordering=("id",),
            render=funder_outputs.officer,
        )

    @operation(
        summary="Let somebody see the money of a budget's organisation",
        request=forms.OfficerForm,
        response=funder_outputs.OfficerOutput,
        status=201,
        refusals=(officers.BudgetOfNobody,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        budget = shown.budget(reference)
        said = forms.OfficerForm.read(request)
        spend_limit(ADDITIONS, caller_of(request))
        key = entry(officers.admit)(budget, said["phone"], now=timezone.now())
        return Response(funder_outputs.officer(_officers(budget).get(pk=key)), status=201)


class Officer(APIView):
    """One officer."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="End somebody's work for a budget's organisation", status=204)
    def delete(self, request: Request, reference: UUID, person: UUID) -> Response:  # noqa: ARG002
        entry(officers.dismiss)(shown.budget(reference), person, now=timezone.now())
        return Response(status=204)


def _own(request: Request, reference: UUID) -> CouponBudget:
    return funders.budget_of(signed_in(request).pk, reference)


def _officers(budget: CouponBudget) -> Any:
    return roles.holders(budget.organisation_id or 0, Role.FUNDER)
