"""Brands of counties: for visitors, for those who run them, and for sellers who bear the mark."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.accounts.permissions import Role, RoleNeeded
from core.errors import Forbidden, IllegalTransition
from core.http.forms import CodeField, Form, ReferenceField, TextField
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.regions.api.fields import CountyField
from core.regions.selectors import divisions
from core.transactions import entry
from marketplace.sections.domain.branding import BrandKind, BrandState
from marketplace.sections.models import BrandAuthorisation, BrandMark, RegionalBrand
from marketplace.sections.selectors import brands as shown
from marketplace.sections.selectors import managing
from marketplace.sections.services import brands, marks
from shops.catalogue.api.fields import CategoryField
from shops.catalogue.api.outputs import CardOutput, NamedOutput
from shops.catalogue.selectors import cards, goods


class BrandsQuery(Form):
    """Of which county."""

    county = TextField(required=False, max_length=6, help_text="GB/T 2260 code")


class BrandForm(Form):
    """A brand of a county, for goods of one category."""

    county = CountyField()
    category = CategoryField()
    kind = CodeField(choices=BrandKind.choices)
    name = TextField(max_length=40)
    gi_mark = TextField(max_length=120, required=False, allow_blank=True, default="")


class RetirementForm(Form):
    """Why a brand is put out of use."""

    reason = TextField(max_length=200, required=False, allow_blank=True)


class AuthorisationForm(Form):
    """Which shop may use the brand."""

    shop = ReferenceField()


class MarkForm(Form):
    """Which brand's mark a product is to bear."""

    brand = ReferenceField()


class BrandOutput(serializers.Serializer[Any]):
    """A brand that a county stands behind."""

    id = serializers.UUIDField()
    county = NamedOutput()
    category = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=BrandKind.choices)
    name = serializers.CharField()
    gi_mark = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=BrandState.choices)
    shops = serializers.IntegerField(help_text="How many may use it")


class AuthorisedShopOutput(serializers.Serializer[Any]):
    """A shop that may use a brand."""

    shop = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    products = serializers.IntegerField(help_text="How many of its products bear the mark")
    authorised_at = serializers.DateTimeField()


class MarkOutput(serializers.Serializer[Any]):
    """The mark that a product bears."""

    product = serializers.UUIDField()
    brand = serializers.UUIDField()
    name = serializers.CharField()
    gi_mark = serializers.CharField(allow_blank=True)
    marked_at = serializers.DateTimeField()


class Brands(APIView):
    """The brands in use."""

    permission_classes = [AllowAny]

    @operation(
        summary="List brands of counties", query=BrandsQuery, response=BrandOutput, paged=True
    )
    def get(self, request: Request) -> Response:
        county = BrandsQuery.read_query(request).get("county", "")
        return paged(request, shown.in_use(county), ordering=("county", "id"), render=brand)


class BrandProducts(APIView):
    """What bears a brand's mark."""

    permission_classes = [AllowAny]

    @operation(
        summary="List the products that bear a brand's mark", response=CardOutput, paged=True
    )
    def get(self, request: Request, reference: UUID) -> Response:
        rows = shown.cards_of(shown.one(reference))
        return paged(
            request,
            rows,
            ordering=("-published_at", "-product_id"),
            render=cards.shown_at(timezone.now()),
        )


class StaffBrands(APIView):
    """The brands of the counties in one's reach."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="List brands one manages, retired ones too", response=BrandOutput, paged=True
    )
    def get(self, request: Request) -> Response:
        rows = shown.managed_by(_caller(request))
        return paged(request, rows, ordering=("county", "id"), render=brand)

    @operation(
        summary="Found a brand of a county",
        request=BrandForm,
        response=BrandOutput,
        status=201,
        refusals=(brands.FlagshipExists, Forbidden),
        idempotency="optional",
    )
    def post(self, request: Request) -> Response:
        form = BrandForm.read(request)
        if not managing.may_manage(_caller(request), [form["county"]]):
            raise Forbidden(needs=Role.SECTION_MANAGER.value)
        form["kind"] = BrandKind(form["kind"])
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: brands.found(**form, actor=actor, now=now),
            brand,
            required=False,
        )


class Retirement(APIView):
    """The end of a brand."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="Put a brand out of use, with all its marks",
        request=RetirementForm,
        response=BrandOutput,
        refusals=(IllegalTransition,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = RetirementForm.read(request)
        retired = entry(brands.retire)(
            shown.one_managed_by(_caller(request), reference),
            actor=actor_of(request),
            now=timezone.now(),
            reason=form.get("reason", ""),
        )
        return Response(brand(retired))


class Authorisations(APIView):
    """The shops that may use a brand."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(
        summary="List the shops that may use a brand", response=AuthorisedShopOutput, paged=True
    )
    def get(self, request: Request, reference: UUID) -> Response:
        rows = shown.authorised(shown.one_managed_by(_caller(request), reference))
        return paged(request, rows, ordering=("authorised_at", "id"), render=_authorised)

    @operation(
        summary="Let a shop use a brand's mark",
        request=AuthorisationForm,
        response=AuthorisedShopOutput,
        status=201,
        refusals=(brands.AlreadyAuthorised,),
        idempotency="optional",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = AuthorisationForm.read(request)
        chosen = shown.one_managed_by(_caller(request), reference)
        actor, now = actor_of(request), timezone.now()
        return once(
            request,
            lambda: brands.authorise(chosen, form["shop"], actor=actor, now=now),
            _authorised,
            required=False,
        )


class Authorisation(APIView):
    """One shop that may use a brand."""

    permission_classes = [RoleNeeded(Role.SECTION_MANAGER)]

    @operation(summary="Take a brand's mark from a shop and its goods", status=204)
    def delete(self, request: Request, reference: UUID, shop: UUID) -> Response:
        chosen = shown.one_managed_by(_caller(request), reference)
        entry(brands.end_authorisation)(chosen, shop, actor=actor_of(request), now=timezone.now())
        return Response(status=204)


class SellerMark(APIView):
    """The mark on one of one's products."""

    @operation(
        summary="Let a product bear a brand's mark",
        request=MarkForm,
        response=MarkOutput,
        refusals=(ScopeForbidden, marks.MarkNotAuthorised, marks.MarkDoesNotFit),
        acting_for=(Scope.LIST,),
    )
    def put(self, request: Request, reference: UUID) -> Response:
        form = MarkForm.read(request)
        actor = actor_of(request)
        product = goods.of_member(seller_of(actor), reference)
        mark = entry(marks.put_on)(
            product, shown.one(form["brand"]), actor=actor, now=timezone.now()
        )
        return Response(_mark(mark, str(product.reference)))

    @operation(
        summary="Let a product bear no mark",
        status=204,
        refusals=(ScopeForbidden,),
        acting_for=(Scope.LIST,),
    )
    def delete(self, request: Request, reference: UUID) -> Response:
        product = goods.of_member(seller_of(actor_of(request)), reference)
        entry(marks.take_off)(product)
        return Response(status=204)


def brand(row: RegionalBrand) -> dict[str, Any]:
    """Return a brand; how many shops may use it is at hand where it was counted."""
    names = divisions.names([row.county])
    return {
        "id": str(row.reference),
        "county": {"code": row.county, "name": names.get(row.county, "")},
        "category": str(row.category.reference),
        "kind": row.kind,
        "name": row.name,
        "gi_mark": row.gi_mark,
        "state": row.state,
        "shops": 0 if row.state == BrandState.RETIRED else getattr(row, "shops", 0),
    }


def _authorised(row: BrandAuthorisation) -> dict[str, Any]:
    return {
        "shop": str(row.shop.reference),
        "slug": row.shop.slug,
        "name": row.shop.name,
        "products": getattr(row, "products", 0),
        "authorised_at": row.authorised_at,
    }


def _mark(row: BrandMark, product: str) -> dict[str, Any]:
    stands_for = row.authorisation.brand
    return {
        "product": product,
        "brand": str(stands_for.reference),
        "name": stands_for.name,
        "gi_mark": stands_for.gi_mark,
        "marked_at": row.marked_at,
    }


def _caller(request: Request) -> int:
    # The permission lets nobody in who is not signed in.
    return request.user.pk or 0
