"""Flash sales in the console: planned, watched and ended."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import fields, figures, filters, lives
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry
from marketplace.activities.domain.states import ACTIVITY, ActivityState
from marketplace.activities.models import Activity
from marketplace.activities.selectors import console
from marketplace.activities.services import activities, flash


class FlashSaleForm(ConsoleForm):
    """A flash sale of any shop's goods."""

    sku = fields.LineField(label=said("ID of the SKU", "规格编号"), max_length=36)
    price = fields.YuanField(label=said("Price", "秒杀价"))
    quantity = fields.CountField(
        label=said("Pieces", "数量"),
        help_text=said("They leave the stock at once.", "设置后立即从可用库存中划出。"),
    )
    per_user_limit = fields.CountField(label=said("Per person", "每人限购"))
    starts_at = fields.LocalTimeField(label=said("Begins", "开始时间"))
    ends_at = fields.LocalTimeField(label=said("Ends", "结束时间"))

    groups = (
        (said("What", "商品与价格"), ("sku", "price", ("quantity", "per_user_limit"))),
        (said("When (Beijing time)", "时间（北京时间）"), (("starts_at", "ends_at"),)),
    )
    sentences = {
        "SKU_NOT_FOUND": said("There is no such SKU.", "没有这个规格。"),
        "WINDOW_NOT_FORWARD": said(
            "The end must be later than the start.", "结束时间必须晚于开始时间和现在。"
        ),
        "PRICE_NOT_BELOW_LIST": said("It is not below the ordinary price.", "秒杀价必须低于原价。"),
    }
    about = {
        "STOCK_TOO_LOW": "quantity",
        "FLASH_TOO_LONG": "ends_at",
        "FLASH_PRICE_OUT_OF_RANGE": "price",
        "FLASH_TOO_LITTLE_OFF": "price",
        "FLASH_LIST_PRICE_TOO_LOW": "sku",
        "FLASH_SALE_EXISTS": "sku",
        "SHOP_NOT_OPEN": "sku",
    }

    def clean_sku(self) -> UUID:
        """Read the id of a SKU."""
        try:
            return UUID(self.cleaned_data["sku"])
        except ValueError:
            raise ValidationError(str(self.sentences["SKU_NOT_FOUND"])) from None


def _plan(
    page: ReadPage,
    request: HttpRequest,
    row: None,  # noqa: ARG001
    given: dict[str, Any],
) -> Activity:
    draft = flash.Draft(**given)
    return entry(flash.plan)(draft, actor=page.actor(request), now=timezone.now())


@admin.register(Activity)
class FlashSalePage(ReadPage):
    """What is sold for a short time, and how much of it is left."""

    rows = staticmethod(console.flash_sales_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 40, "bolt"
    called = (said("flash sale", "秒杀"), said("flash sales", "秒杀"))
    states, machine = ActivityState, ACTIVITY
    colours = {ActivityState.SCHEDULED: figures.BLUE, ActivityState.RUNNING: figures.GREEN}
    deeds = (Deed("add", said("New flash sale", "新建秒杀"), FlashSaleForm, _plan),)
    list_display = ("goods", "shop_name", "price", "pieces", "standing", "window")
    list_filter = (
        filters.by_code("state", ActivityState, said("State", "状态")),
        filters.by_days("starts_at", said("Begins", "开始时间")),
    )
    search_fields = ("product__title__icontains", "shop__name")
    search_help_text = said("Product, or name of the shop", "商品或店铺名称")
    fields = (
        "id_outside",
        "goods",
        "shop_link",
        "price",
        "pieces",
        "limit",
        "standing",
        "window",
        "ended",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("end",)

    def name_of(self, row: Activity) -> str:
        """Name the flash sale by its goods."""
        return f"{row.product.title} {row.sku.spec}"

    @admin.display(description="ID")
    def id_outside(self, row: Activity) -> str:
        return str(row.reference)

    @admin.display(description=said("Goods", "商品"))
    def goods(self, row: Activity) -> str:
        return self.name_of(row)

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: Activity) -> str:
        return row.shop.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_link(self, row: Activity) -> SafeString:
        return figures.link(
            reverse("admin:storefronts_shop_change", args=[row.shop_id]), row.shop.name
        )

    @admin.display(description=said("Price, instead of", "秒杀价与原价"), ordering="price_fen")
    def price(self, row: Activity) -> str:
        instead = figures.yuan(row.list_price_fen)
        return f"{figures.yuan(row.price_fen)} ({chosen('list', '原价')} {instead})"

    @admin.display(description=said("Pieces", "数量"))
    def pieces(self, row: Any) -> SafeString:
        held = row.quantity - row.returned - row.sold - row.left
        parts = (
            figures.Part(row.sold, figures.GREEN, chosen("sold ", "已售 ") + f"{row.sold:,}"),
            figures.Part(held, figures.AMBER, chosen("to pay ", "待付款 ") + f"{held:,}"),
            figures.Part(row.left, "empty", chosen("left ", "剩余 ") + f"{row.left:,}"),
        )
        return figures.bar(parts, row.quantity)

    @admin.display(description=said("Per person", "每人限购"))
    def limit(self, row: Activity) -> str:
        return figures.NOTHING if row.per_user_limit is None else str(row.per_user_limit)

    @admin.display(description=said("Window", "时段"), ordering="starts_at")
    def window(self, row: Activity) -> SafeString:
        return figures.stretch(row.starts_at, row.ends_at)

    @admin.display(description=said("Ended", "结束时间"))
    def ended(self, row: Activity) -> str:
        return figures.local_time(row.ended_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Activity) -> SafeString:
        return lives.life(ACTIVITY, row.pk, ActivityState)

    @admin.action(description=said("End", "结束"))
    def end(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(activities.end)(row, actor=actor, now=now, reason=reason),
        )
