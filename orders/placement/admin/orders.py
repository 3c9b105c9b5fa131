"""Whole orders."""

from collections.abc import Sequence

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.accounts.sealing import mask_phone
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.regions.selectors import divisions
from orders.placement.admin import drawing
from orders.placement.domain.states import ORDER, OrderState, ShopOrderState
from orders.placement.models import Order, ShopOrder
from orders.placement.selectors import console


@admin.register(Order)
class OrderPage(ReadPage):
    """Whole orders, newest first."""

    rows = staticmethod(console.orders_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.ORDERS, 10, "receipt_long"
    called = (said("order", "订单"), said("orders", "订单"))
    states, machine = OrderState, ORDER
    colours = {
        OrderState.PENDING_PAYMENT: figures.AMBER,
        OrderState.PAID: figures.BLUE,
        OrderState.COMPLETED: figures.GREEN,
        OrderState.CLOSED: figures.RED,
    }
    list_display = ("order_number", "standing", "buyer_name", "payable", "county", "placed", "paid")
    list_filter = (
        filters.by_code("state", OrderState, said("State", "状态")),
        filters.by_days("placed_at", said("Placed", "下单时间")),
    )
    search_fields = ("number__startswith",)
    search_help_text = said("Order number", "订单号")
    fields = (
        "order_number",
        "standing",
        "amounts",
        "goods",
        "parcels",
        "buyer_name",
        "address",
        "note",
        "times",
        "steps",
    )
    ordering = ("-pk",)

    def prepare(self, rows: Sequence[Order]) -> None:
        """Read the names of all counties at once."""
        divisions.names({row.region for row in rows})

    @admin.display(description=said("Number", "订单号"), ordering="number")
    def order_number(self, row: Order) -> str:
        return row.number

    @admin.display(description=said("Buyer", "买家"))
    def buyer_name(self, row: Order) -> str:
        return " ".join(filter(None, [row.buyer.name, mask_phone(row.buyer.phone or "")]))

    @admin.display(description=said("Payable", "应付金额"), ordering="payable_fen")
    def payable(self, row: Order) -> str:
        return figures.yuan(row.payable_fen)

    @admin.display(description=said("To", "收货地区"), ordering="region")
    def county(self, row: Order) -> str:
        return divisions.names([row.region]).get(row.region, row.region)

    @admin.display(description=said("Placed", "下单时间"), ordering="placed_at")
    def placed(self, row: Order) -> str:
        return figures.local_time(row.placed_at)

    @admin.display(description=said("Paid", "付款时间"), ordering="paid_at")
    def paid(self, row: Order) -> str:
        return figures.local_time(row.paid_at)

    @admin.display(description=said("Amounts", "金额"))
    def amounts(self, row: Order) -> SafeString:
        return drawing.amounts_of(row)

    @admin.display(description=said("Goods", "商品明细"))
    def goods(self, row: Order) -> SafeString:
        parts = console.parts_of(row)
        return figures.lines(
            *(part for one in parts for part in (_heading(one), drawing.lines_of(one)))
        )

    @admin.display(description=said("Parcels", "包裹"))
    def parcels(self, row: Order) -> SafeString:
        parts = list(row.shop_orders.order_by("id"))
        found = console.parcels_of(parts)
        return drawing.parcels_of(
            parcel for part in parts for parcel in found.get(str(part.reference), ())
        )

    @admin.display(description=said("Delivery address", "收货地址"))
    def address(self, row: Order) -> SafeString:
        recipient, phone, street = console.address_of(row)
        county = f"{self.county(row)} {row.region}"
        return figures.lines(f"{recipient} {phone}", f"{county} {street}")

    @admin.display(description=said("Remark", "买家留言"))
    def note(self, row: Order) -> str:
        return row.remark or figures.NOTHING

    @admin.display(description=said("Times", "时间"))
    def times(self, row: Order) -> SafeString:
        return drawing.times_of(
            (chosen("Placed", "下单"), row.placed_at),
            (chosen("Pay before", "支付截止"), row.pay_before),
            (chosen("Paid", "付款"), row.paid_at),
            (chosen("Completed", "完成"), row.completed_at),
            (chosen("Cancelled", "取消"), row.cancelled_at),
            (chosen("Closed", "关闭"), row.closed_at),
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Order) -> SafeString:
        return lives.life(ORDER, row.pk, OrderState)


def _heading(part: ShopOrder) -> SafeString:
    address = reverse("admin:placement_shoporder_change", args=[part.pk])
    state = figures.label(ShopOrderState, part.state)
    return figures.heading(address, f"{part.shop.name} · {part.number} · {state}")
