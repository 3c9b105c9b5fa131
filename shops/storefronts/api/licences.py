"""A shop's papers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.domain.roles import Scope
from core.http.forms import CodeField, DayField, Form, ReferenceField, TextField, forward
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from shops.storefronts.api import outputs
from shops.storefronts.api.seller import acting_for_shop
from shops.storefronts.domain.licensing import LicenceKind
from shops.storefronts.selectors import papers as reading
from shops.storefronts.services import papers
from shops.storefronts.services.founding import ShopLocked


class LicenceForm(Form):
    """A paper; one without an end holds until it is revoked."""

    kind = CodeField(choices=LicenceKind.choices)
    number = TextField(max_length=60, required=False, allow_blank=True)
    upload = ReferenceField(required=False, allow_null=True)
    valid_from = DayField(required=False, allow_null=True)
    valid_until = DayField(required=False, allow_null=True, help_text="The first day without it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        forward(attrs, "valid_from", "valid_until")
        return attrs


class Licences(APIView):
    """The papers of one of one's shops."""

    @operation(
        summary="List a shop's papers",
        response=outputs.LicenceOutput,
        paged=True,
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        _, shop = acting_for_shop(request, reference)
        return paged(
            request,
            reading.of_shop(shop.pk),
            ordering=("-created_at", "-id"),
            render=outputs.licence,
        )

    @operation(
        summary="Hand in a paper",
        request=LicenceForm,
        response=outputs.LicenceOutput,
        status=201,
        refusals=(ShopLocked,),
        idempotency="optional",
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        actor, shop = acting_for_shop(request, reference)
        form = LicenceForm.read(request)
        upload = form.pop("upload", None)
        now = timezone.now()
        return once(
            request,
            work=lambda: papers.hand_in(
                shop, upload_reference=upload, actor=actor, now=now, **form
            ),
            render=outputs.licence,
            required=False,
        )
