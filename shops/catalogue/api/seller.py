"""A shop's own goods: drafts, edits, publication, stock."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.errors import IllegalTransition
from core.http.etags import check_match, conditional
from core.http.forms import NothingForm
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from shops.catalogue.api import forms, outputs
from shops.catalogue.models import Product
from shops.catalogue.selectors import goods
from shops.catalogue.services import products, publication, stock
from shops.storefronts.selectors import access

_UNFIT = (
    publication.ProductIncomplete,
    publication.LicenceMissing,
    publication.ClassNotAllowed,
)


class ShopGoods(APIView):
    """All products of a shop."""

    @operation(
        summary="List a shop's products, drafts and withdrawn ones too",
        response=outputs.SellerProductOutput,
        paged=True,
        refusals=(ScopeForbidden,),
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, shop: UUID) -> Response:
        actor = actor_of(request)
        found = access.shop_of_member(seller_of(actor), shop)
        return paged(
            request,
            goods.of_shop(found.pk),
            ordering=("-created_at", "-id"),
            render=outputs.seller_product,
        )

    @operation(
        summary="Begin a product as a draft",
        request=forms.ProductForm,
        response=outputs.SellerProductOutput,
        status=201,
        idempotency="optional",
        refusals=(ScopeForbidden, products.SpecTaken),
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, shop: UUID) -> Response:
        form = forms.ProductForm.read(request)
        actor = actor_of(request)
        found = access.shop_of_member(seller_of(actor), shop)

        def work() -> Product:
            draft = products.create(found, **forms.draft(form), actor=actor, now=timezone.now())
            return goods.of_member(seller_of(actor), draft.reference)

        return once(request, work, outputs.seller_product, required=False)


class OneProduct(APIView):
    """A product as its shop sees it."""

    @operation(
        summary="Read one of one's products",
        response=outputs.SellerProductOutput,
        etag=True,
        refusals=(ScopeForbidden,),
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        actor = actor_of(request)
        return _shown(request, goods.of_member(seller_of(actor), reference))

    @operation(
        summary="Change a product",
        request=forms.ProductChangeForm,
        response=outputs.SellerProductOutput,
        if_match=True,
        refusals=(ScopeForbidden, products.ProductChangedMeanwhile, *_UNFIT),
        acting_for=(Scope.LIST,),
    )
    def patch(self, request: Request, reference: UUID) -> Response:
        changes = forms.ProductChangeForm.read(request, partial=True)
        actor = actor_of(request)
        product = goods.of_member(seller_of(actor), reference)
        check_match(request, product.version)
        if changes:
            entry(products.edit)(
                product,
                changes,
                origin=changes.pop("origin", None),
                pictures=changes.pop("photos", None),
                actor=actor,
                now=timezone.now(),
            )
        return _shown(request, goods.of_member(seller_of(actor), reference))


class Publication(APIView):
    """Whether a product is on sale."""

    @operation(
        summary="Put a product on sale",
        request=NothingForm,
        response=outputs.SellerProductOutput,
        refusals=(ScopeForbidden, IllegalTransition, access.ShopNotOpen, *_UNFIT),
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        NothingForm.read(request)
        actor = actor_of(request)
        product = goods.of_member(seller_of(actor), reference)
        entry(publication.publish)(product, actor=actor, now=timezone.now())
        return _shown(request, goods.of_member(seller_of(actor), reference))

    @operation(
        summary="Take a product off sale",
        response=outputs.SellerProductOutput,
        refusals=(ScopeForbidden, IllegalTransition),
        acting_for=(Scope.LIST,),
    )
    def delete(self, request: Request, reference: UUID) -> Response:
        actor = actor_of(request)
        product = goods.of_member(seller_of(actor), reference)
        entry(publication.withdraw)(product, actor=actor, now=timezone.now())
        return _shown(request, goods.of_member(seller_of(actor), reference))


class OneSku(APIView):
    """One size of a product."""

    @operation(
        summary="Change what a SKU costs, weighs or is called",
        request=forms.SkuChangeForm,
        response=outputs.SellerSkuOutput,
        if_match=True,
        refusals=(ScopeForbidden, products.ProductChangedMeanwhile, products.SpecTaken),
        acting_for=(Scope.LIST, Scope.PRICE),
    )
    def patch(self, request: Request, reference: UUID) -> Response:
        changes = forms.SkuChangeForm.read(request, partial=True)
        # A price alone needs no more than the right to set prices, and the rest not even that.
        needed = {Scope.PRICE if name == "price_fen" else Scope.LIST for name in changes}
        actor = actor_of(request, *needed or [Scope.LIST])
        sku = goods.sku_of_member(seller_of(actor), reference)
        check_match(request, sku.product.version)
        if changes:
            entry(products.edit_sku)(sku, changes, now=timezone.now())
        shown = goods.sku_of_member(seller_of(actor), reference)
        return conditional(request, outputs.seller_sku(shown), version=shown.product.version)


class StockAdjustments(APIView):
    """Why the stock of a SKU is what it is."""

    @operation(
        summary="List the changes of a stock",
        response=outputs.AdjustmentOutput,
        paged=True,
        refusals=(ScopeForbidden,),
        acting_for=(Scope.LIST,),
    )
    def get(self, request: Request, reference: UUID) -> Response:
        actor = actor_of(request)
        sku = goods.sku_of_member(seller_of(actor), reference)
        return paged(
            request,
            goods.adjustments_of(sku),
            ordering=("-at", "-id"),
            render=outputs.adjustment,
        )

    @operation(
        summary="Add to a stock, or take from what is free of it",
        request=forms.AdjustmentForm,
        response=outputs.AdjustmentOutput,
        status=201,
        idempotency="required",
        refusals=(ScopeForbidden, stock.StockTooLow),
        acting_for=(Scope.LIST,),
    )
    def post(self, request: Request, reference: UUID) -> Response:
        form = forms.AdjustmentForm.read(request)
        actor = actor_of(request)
        sku = goods.sku_of_member(seller_of(actor), reference)
        return once(
            request,
            lambda: stock.adjust(sku, **form, actor=actor, now=timezone.now()),
            outputs.adjustment,
        )


def _shown(request: Request, product: Product) -> Response:
    return conditional(request, outputs.seller_product(product), version=product.version)
