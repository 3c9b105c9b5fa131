"""Oneself and where one lives."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api import outputs
from core.accounts.api.acting import signed_in
from core.accounts.models import Address
from core.accounts.phones import PHONE_LENGTH_MAX
from core.accounts.selectors import addresses, roles
from core.accounts.services import living, people
from core.http import examples
from core.http.forms import FlagField, Form, TextField
from core.http.paging import paged
from core.http.schema import operation
from core.regions.api.fields import CountyField
from core.regions.selectors import divisions
from core.transactions import entry


class MeForm(Form):
    """What one may say about oneself."""

    name = TextField(max_length=60, required=False, allow_blank=True)


class AddressForm(Form):
    """A place for parcels."""

    recipient = TextField(max_length=40)
    phone = TextField(max_length=PHONE_LENGTH_MAX)
    region = CountyField()
    street = TextField(max_length=200)
    is_default = FlagField(required=False)


class Me(APIView):
    """Whoever is signed in."""

    @operation(summary="Read about oneself", response=outputs.UserOutput)
    def get(self, request: Request) -> Response:
        person = signed_in(request)
        return Response(outputs.user(person, roles.held_by(person.pk)))

    @operation(summary="Change what others call one", request=MeForm, response=outputs.UserOutput)
    def patch(self, request: Request) -> Response:
        form = MeForm.read(request, partial=True)
        if "name" in form:
            entry(people.rename)(signed_in(request).pk, form["name"])
            signed_in(request).name = form["name"]
        return self.get(request)


class Addresses(APIView):
    """All of one's addresses."""

    @operation(summary="List one's addresses", response=outputs.AddressOutput, paged=True)
    def get(self, request: Request) -> Response:
        kept = addresses.of_user(signed_in(request).pk)
        names = divisions.names(kept.values_list("region", flat=True))
        return paged(
            request,
            kept,
            ordering=("-is_default", "-id"),
            render=lambda place: outputs.address(place, names),
        )

    @operation(
        summary="Keep an address",
        request=AddressForm,
        example=examples.PLACE,
        response=outputs.AddressOutput,
        status=201,
        refusals=(living.TooManyAddresses,),
    )
    def post(self, request: Request) -> Response:
        form = AddressForm.read(request)
        place = entry(living.add_address)(signed_in(request).pk, now=timezone.now(), **form)
        return Response(_shown(place), status=201)


class OneAddress(APIView):
    """One of one's addresses."""

    @operation(summary="Read an address", response=outputs.AddressOutput)
    def get(self, request: Request, reference: UUID) -> Response:
        return Response(_shown(addresses.own(signed_in(request).pk, reference)))

    @operation(summary="Change an address", request=AddressForm, response=outputs.AddressOutput)
    def patch(self, request: Request, reference: UUID) -> Response:
        form = AddressForm.read(request, partial=True)
        place = entry(living.change_address)(signed_in(request).pk, reference, form)
        return Response(_shown(place))

    @operation(summary="Drop an address", status=204)
    def delete(self, request: Request, reference: UUID) -> Response:
        entry(living.forget_address)(signed_in(request).pk, reference)
        return Response(status=204)


def _shown(place: Address) -> dict[str, Any]:
    return outputs.address(place, divisions.names([place.region]))
