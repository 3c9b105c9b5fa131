"""The people of a section's partner, for the section's managers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.domain.roles import Role
from core.accounts.permissions import RoleNeeded
from core.accounts.phones import PHONE_LENGTH_MAX
from core.accounts.sealing import mask_name, mask_phone
from core.accounts.selectors import roles
from core.http.callers import caller_of
from core.http.forms import Form, TextField
from core.http.limits import Limit, spend_limit
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from marketplace.sections.models import Section
from marketplace.sections.selectors import managing
from marketplace.sections.services import items, partners

# As with the members of shops: whoever tries phones out finds little.
ADDITIONS = Limit("partners.add", 30, per_s=86_400)


class PartnerPersonForm(Form):
    """Whom to let in."""

    phone = TextField(max_length=PHONE_LENGTH_MAX)


class PartnerPersonOutput(serializers.Serializer[Any]):
    """Somebody who reviews for a partner; a phone alone must not tell whose it is."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField()


class PartnerPeople(APIView):
    """Who reviews for a section's partner."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="List who reviews for a section's partner",
        response=PartnerPersonOutput,
        paged=True,
    )
    def get(self, request: Request, slug: str) -> Response:
        section = _section(request, slug)
        rows = roles.holders(section.partner_id or 0, Role.PARTNER)
        return paged(request, rows, ordering=("id",), render=_person)

    @operation(
        summary="Let somebody review for a section's partner",
        request=PartnerPersonForm,
        response=PartnerPersonOutput,
        status=201,
        refusals=(items.NotCoBranded,),
    )
    def post(self, request: Request, slug: str) -> Response:
        section = _section(request, slug)
        form = PartnerPersonForm.read(request)
        spend_limit(ADDITIONS, caller_of(request))
        key = entry(partners.admit)(section, form["phone"], now=timezone.now())
        person = roles.holders(section.partner_id or 0, Role.PARTNER).get(pk=key)
        return Response(_person(person), status=201)


class PartnerPerson(APIView):
    """One person of a section's partner."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(summary="End somebody's reviewing for a section's partner", status=204)
    def delete(self, request: Request, slug: str, person: UUID) -> Response:
        entry(partners.dismiss)(_section(request, slug), person, now=timezone.now())
        return Response(status=204)


def _section(request: Request, slug: str) -> Section:
    return managing.one_managed_by(request.user.pk or 0, slug)


def _person(person: Any) -> dict[str, Any]:
    return {
        "id": person.reference,
        "name": mask_name(person.name),
        "phone": mask_phone(person.phone or ""),
    }
