"""Each shop's part of an order."""

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from orders.placement.admin import drawing
from orders.placement.domain.states import SHOP_ORDER, ShopOrderState
from orders.placement.models import ShopOrder
from orders.placement.selectors import console
from shops.storefronts.domain.licensing import Fulfilment


@admin.register(ShopOrder)
class ShopOrderPage(ReadPage):
    """What each shop has to send."""

    rows = staticmethod(console.shop_orders_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.ORDERS, 20, "inventory_2"
    called = (said("shop order", "店铺订单"), said("shop orders", "店铺订单"))
    states, machine = ShopOrderState, SHOP_ORDER
    colours = {
        ShopOrderState.PENDING_PAYMENT: figures.AMBER,
        ShopOrderState.WAIT_BALANCE: figures.AMBER,
        ShopOrderState.WAIT_TEAM: figures.AMBER,
        ShopOrderState.PAID: figures.BLUE,
        ShopOrderState.TO_SHIP: figures.BLUE,
        ShopOrderState.PARTLY_SHIPPED: figures.BLUE,
        ShopOrderState.SHIPPED: figures.BLUE,
        ShopOrderState.SIGNED: figures.GREEN,
        ShopOrderState.COMPLETED: figures.GREEN,
        ShopOrderState.CLOSED: figures.RED,
    }
    list_display = ("part_number", "shop_name", "standing", "payable", "shipping", "placed")
    list_filter = (
        filters.by_code("state", ShopOrderState, said("State", "状态")),
        filters.by_code("fulfilment", Fulfilment, said("Shipping", "发货方式")),
        filters.by_days("placed_at", said("Placed", "下单时间")),
    )
    search_fields = ("number__startswith",)
    search_help_text = said("Number of the shop order", "店铺订单号")
    fields = (
        "part_number",
        "whole_order",
        "shop_link",
        "standing",
        "amounts",
        "goods",
        "parcels",
        "shipping",
        "commission",
        "times",
        "steps",
    )
    ordering = ("-pk",)

    @admin.display(description=said("Number", "店铺订单号"), ordering="number")
    def part_number(self, row: ShopOrder) -> str:
        return row.number

    @admin.display(description=said("Order", "所属订单"))
    def whole_order(self, row: ShopOrder) -> SafeString:
        return figures.link(
            reverse("admin:placement_order_change", args=[row.order_id]), row.order.number
        )

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: ShopOrder) -> str:
        return row.shop.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_link(self, row: ShopOrder) -> SafeString:
        return figures.link(
            reverse("admin:storefronts_shop_change", args=[row.shop_id]), row.shop.name
        )

    @admin.display(description=said("Payable", "应付金额"), ordering="payable_fen")
    def payable(self, row: ShopOrder) -> str:
        return figures.yuan(row.payable_fen)

    @admin.display(description=said("Shipping", "发货方式"))
    def shipping(self, row: ShopOrder) -> str:
        return figures.label(Fulfilment, row.fulfilment)

    @admin.display(description=said("Commission", "佣金比例"))
    def commission(self, row: ShopOrder) -> str:
        return figures.percent(row.commission_bp)

    @admin.display(description=said("Placed", "下单时间"), ordering="placed_at")
    def placed(self, row: ShopOrder) -> str:
        return figures.local_time(row.placed_at)

    @admin.display(description=said("Amounts", "金额"))
    def amounts(self, row: ShopOrder) -> SafeString:
        return drawing.amounts_of(row)

    @admin.display(description=said("Goods", "商品明细"))
    def goods(self, row: ShopOrder) -> SafeString:
        return drawing.lines_of(console.part(row.pk))

    @admin.display(description=said("Parcels", "包裹"))
    def parcels(self, row: ShopOrder) -> SafeString:
        return drawing.parcels_of(console.parcels_of([row]).get(str(row.reference), ()))

    @admin.display(description=said("Times", "时间"))
    def times(self, row: ShopOrder) -> SafeString:
        return drawing.times_of(
            (chosen("Placed", "下单"), row.placed_at),
            (chosen("Paid", "付款"), row.paid_at),
            (chosen("Ship deadline", "最晚发货"), console.ship_deadline_of(row)),
            (chosen("Shipped", "发货"), row.shipped_at),
            (chosen("Signed for", "签收"), row.signed_at),
            (chosen("Completed", "完成"), row.completed_at),
            (chosen("Closed", "关闭"), row.closed_at),
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: ShopOrder) -> SafeString:
        return lives.life(SHOP_ORDER, row.pk, ShopOrderState)
