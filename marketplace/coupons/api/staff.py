"""Budgets and batches for the platform's campaign managers."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from marketplace.coupons.api import forms, outputs
from marketplace.coupons.selectors import shown
from marketplace.coupons.services import approving, batches, budgets, deciding, editing


class Budgets(APIView):
    """All budgets."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="List coupon budgets", response=outputs.BudgetOutput, paged=True)
    def get(self, request: Request) -> Response:
        return paged(
            request, shown.budgets(), ordering=("-opened_at", "-id"), render=outputs.budget
        )

    @operation(
        summary="Open a coupon budget",
        request=forms.BudgetForm,
        response=outputs.BudgetOutput,
        status=201,
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        said = forms.BudgetForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: budgets.open_budget(**said, actor=actor, now=now),
            lambda opened: outputs.budget(shown.budget(opened.reference)),
            required=False,
        )


class Budget(APIView):
    """One budget."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="Read a coupon budget", response=outputs.BudgetOutput)
    def get(self, request: Request, reference: UUID) -> Response:  # noqa: ARG002
        return Response(outputs.budget(shown.budget(reference)))

    @operation(
        summary="Raise the total of a coupon budget, or its daily cap",
        request=forms.BudgetGrowthForm,
        response=outputs.BudgetOutput,
    )
    def patch(self, request: Request, reference: UUID) -> Response:
        said = forms.BudgetGrowthForm.read(request)
        entry(budgets.grow)(reference, said, now=timezone.now())
        return Response(outputs.budget(shown.budget(reference)))


class Batches(APIView):
    """All batches, and drafting one for the platform."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="List coupon batches", response=outputs.BatchOutput, paged=True)
    def get(self, request: Request) -> Response:
        return paged(
            request, shown.batches(), ordering=("-created_at", "-id"), render=outputs.batch
        )

    @operation(
        summary="Draft a coupon batch of the platform",
        request=forms.BatchForm,
        response=outputs.BatchOutput,
        status=201,
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        wanted = forms.draft_of(forms.BatchForm.read(request))
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: batches.draft(wanted, actor=actor, now=now),
            lambda batch: outputs.batch(shown.batch(batch.reference)),
            required=False,
        )


class Batch(APIView):
    """One batch."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(summary="Read a coupon batch", response=outputs.BatchOutput)
    def get(self, request: Request, reference: UUID) -> Response:  # noqa: ARG002
        return Response(outputs.batch(shown.batch(reference)))

    @operation(
        summary="Change a draft, or give a batch more pieces or a later end",
        request=forms.BatchForm,
        response=outputs.BatchOutput,
        refusals=(editing.BatchFixed, approving.BatchAboveApproved),
    )
    def patch(self, request: Request, reference: UUID) -> Response:
        changes = forms.changes_of(forms.BatchForm.read(request, partial=True))
        entry(editing.edit)(reference, changes, actor=actor_of(request), now=timezone.now())
        return Response(outputs.batch(shown.batch(reference)))


class BatchTransitions(APIView):
    """Steps in the life of a batch."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Submit, approve, reject, pause, resume, end, close or void a coupon batch",
        request=forms.StaffTransitionForm,
        response=outputs.BatchOutput,
        refusals=(IllegalTransition, *approving.REFUSALS),
        idempotency="optional",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        said = forms.StaffTransitionForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: deciding.decide(reference, **said, actor=actor, now=now),
            lambda batch: outputs.batch(shown.batch(batch.reference)),
            200,
            required=False,
        )
