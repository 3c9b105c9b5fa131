"""`/orders`."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.errors import NotFound
from core.http import examples
from core.http.forms import CodeField, Form
from core.http.idempotency import once
from core.http.paging import Keyset
from core.http.schema import operation
from marketplace.abuse.api.origins import origin_of
from orders.baskets.selectors import baskets
from orders.baskets.services.baskets import BasketChanged
from orders.placement.api import admission
from orders.placement.api.forms import OrderForm, wanted_of
from orders.placement.api.outputs import OrderOutput, PlacedOrderOutput
from orders.placement.api.refusals import ORDER_REFUSALS
from orders.placement.domain.states import OrderState
from orders.placement.selectors import history, promises, shown
from orders.placement.services import placement
from orders.placement.services.writing import Placed

_NEWEST = Keyset(("-placed_at", "-id"))


class OrdersQuery(Form):
    """Which orders."""

    state = CodeField(OrderState.choices, required=False)


class Orders(admission.OneOfManyCheckouts):
    """One's own orders."""

    @operation(
        summary="List one's orders, newest first", query=OrdersQuery, response=OrderOutput,
        paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        query = OrdersQuery.read_query(request)
        now, position = timezone.now(), _NEWEST.position(request)
        rows = history.orders_of(seller_of(actor_of(request)), query.get("state"))
        page = _NEWEST.page_of(rows, position)
        deadlines = promises.of_orders(page)
        return _NEWEST.answer(
            request,
            position,
            page,
            render=lambda order: shown.order_of(order, deadlines, now),
        )

    @operation(
        summary="Place an order: stock and coupons are set aside until it is paid",
        request=OrderForm,
        example=examples.ORDER,
        response=PlacedOrderOutput,
        status=201,
        refusals=(
            *ORDER_REFUSALS,
            placement.EmptyBasket,
            placement.BasketOrdered,
            placement.NotOnItsOwn,
            BasketChanged,
            *admission.REFUSALS,
        ),
        idempotency="required",
        acting_for=(Scope.BUY,),
    )
    def post(self, request: Request) -> Response:
        with admission.at_the_counter():
            return _placed(request)


class Order(APIView):
    """One order."""

    @operation(summary="Show an order", response=OrderOutput, refusals=(NotFound,))
    def get(self, request: Request, order: UUID) -> Response:
        found = history.order(buyer_id=seller_of(actor_of(request)), reference=order)
        return Response(shown.order_of(found, promises.of_orders([found]), timezone.now()))


def _placed(request: Request) -> Response:
    form = OrderForm.read(request)
    actor = actor_of(request)
    buyer_id = seller_of(actor)
    now = timezone.now()
    basket = baskets.of_owner(buyer_id) if form["basket"] else None
    checkout = placement.Checkout(
        address=form["address"],
        expected_payable_fen=form["expected_payable_fen"],
        lines=wanted_of(form.get("lines", [])),
        basket=basket,
        coupons=form["coupons"],
        remark=form["remark"],
        activity=form.get("activity"),
        origin=origin_of(request),
    )

    def render(placed: Placed) -> dict[str, Any]:
        order = shown.placed_order_of(placed.order, placed.shop_orders, placed.lines, placed.quote)
        return order | {"server_time": now}

    skus = [line.sku for line in (checkout.lines if basket is None else basket.lines)]
    with admission.through_the_gate(request, skus, now=now):
        return once(
            request,
            lambda: placement.place_order(buyer_id, checkout, actor=actor, now=now),
            render,
        )
