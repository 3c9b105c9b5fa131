"""Campaigns and enrolments for those who run them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of
from core.accounts.permissions import Role, RoleNeeded
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.http.etags import check_match, conditional
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.periods import beginning_of
from core.transactions import entry
from marketplace.activities.services.activities import ActivityOverlap
from marketplace.campaigns.api import outputs
from marketplace.campaigns.api.forms import (
    CalendarQuery,
    CampaignForm,
    DecisionForm,
    DecisionsForm,
    EnrolmentsQuery,
    TransitionForm,
)
from marketplace.campaigns.domain.states import Decision
from marketplace.campaigns.selectors import calendar, enrolled
from marketplace.campaigns.services import campaigns, reviewing, wrongs
from shops.catalogue.services.stock import StockTooLow


class StaffCampaigns(APIView):
    """All campaigns, and planning one."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="List all campaigns, or those of some days",
        query=CalendarQuery,
        response=outputs.StaffCampaignOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        asked = CalendarQuery.read_query(request)
        first, last = asked.get("from"), asked.get("to")
        rows = calendar.within(
            calendar.every(),
            start=first and beginning_of(first),
            end=last and beginning_of(last),
        )
        now = timezone.now()
        return paged(
            request,
            rows,
            ordering=("starts_at", "id"),
            render=lambda row: outputs.staff_campaign(row, now),
        )

    @operation(
        summary="Plan a campaign: nobody sees it until it is scheduled",
        request=CampaignForm,
        response=outputs.StaffCampaignOutput,
        status=201,
        refusals=(InvalidInput, campaigns.CampaignExists),
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        wanted = CampaignForm.read(request)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: campaigns.create(actor=actor, now=now, **wanted),
            lambda row: outputs.staff_campaign(calendar.one(row.slug), now),
            required=False,
        )


class StaffCampaign(APIView):
    """One campaign."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Read a campaign, wherever it stands",
        response=outputs.StaffCampaignOutput,
        refusals=(NotFound,),
        etag=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        row = calendar.one(slug)
        shown = outputs.staff_campaign(row, timezone.now())
        return conditional(request, shown, version=row.version)

    @operation(
        summary="Change a campaign: its windows only while it is being prepared",
        request=CampaignForm,
        response=outputs.StaffCampaignOutput,
        refusals=(NotFound, InvalidInput, IllegalTransition, campaigns.CampaignExists),
        if_match=True,
    )
    def patch(self, request: Request, slug: str) -> Response:
        changes = CampaignForm.read(request, partial=True)
        row, now = calendar.one(slug), timezone.now()
        check_match(request, row.version)
        edited = entry(campaigns.edit)(row, now=now, **changes)
        return Response(outputs.staff_campaign(calendar.one(edited.slug), now))


class CampaignTransitions(APIView):
    """Steps in the life of a campaign."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Schedule, pause, resume, end or cancel a campaign",
        request=TransitionForm,
        response=outputs.StaffCampaignOutput,
        refusals=(NotFound, InvalidInput, IllegalTransition, wrongs.ReasonNeeded),
        idempotency="optional",
    )
    def post(self, request: Request, slug: str) -> Response:
        said = TransitionForm.read(request)
        row, actor, now = calendar.one(slug), actor_of(request), timezone.now()
        return once(
            request,
            lambda: campaigns.move(row, actor=actor, now=now, **said),
            lambda _: outputs.staff_campaign(calendar.one(slug), now),
            200,
            required=False,
        )


class CampaignEnrolments(APIView):
    """What shops offer to a campaign."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="List what shops offer to a campaign, oldest first",
        query=EnrolmentsQuery,
        response=outputs.EnrolmentOutput,
        paged=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = EnrolmentsQuery.read_query(request)
        rows = enrolled.of_campaign(calendar.one(slug).pk, state=asked["state"])
        return paged(request, rows, ordering=("id",), render=outputs.enrolment)


class CampaignDecisions(APIView):
    """Decisions about many enrolments of a campaign."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Approve or turn down many enrolments, each for itself",
        request=DecisionsForm,
        response=outputs.OutcomesOutput,
        refusals=(NotFound,),
    )
    def post(self, request: Request, slug: str) -> Response:
        said = DecisionsForm.read(request)
        found: list[Any] = reviewing.decide_each(
            calendar.one(slug),
            said["enrolments"],
            Decision(said["decision"]),
            actor=actor_of(request),
            now=timezone.now(),
            reason=said["reason"],
        )
        return Response({"outcomes": [outputs.outcome(one) for one in found]})


class EnrolmentDecisions(APIView):
    """A decision about one enrolment."""

    permission_classes = [RoleNeeded(Role.CAMPAIGN_MANAGER)]

    @operation(
        summary="Approve an enrolment, turn it down, or take an approval back",
        request=DecisionForm,
        response=outputs.EnrolmentOutput,
        refusals=(
            NotFound,
            InvalidInput,
            IllegalTransition,
            ActivityOverlap,
            StockTooLow,
            wrongs.ReasonNeeded,
        ),
        idempotency="optional",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        said = DecisionForm.read(request)
        row, actor, now = enrolled.one(reference), actor_of(request), timezone.now()
        decision = Decision(said["decision"])
        return once(
            request,
            lambda: reviewing.decide(row, decision, actor=actor, now=now, reason=said["reason"]),
            lambda _: outputs.enrolment(enrolled.one(reference)),
            200,
            required=False,
        )
