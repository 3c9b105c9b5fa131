"""Goods in the console: read, and taken off sale where they must not stand."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.quotas.selectors.availability import Figures
from core.regions.selectors import divisions
from core.transactions import entry
from shops.catalogue.domain.goods import PRODUCT, ProductClass, ProductState, TempClass
from shops.catalogue.models import Product, Sku
from shops.catalogue.selectors import console
from shops.catalogue.services import publication

_NO_STOCK = Figures(total=0, held=0, spent=0)


@admin.register(Product)
class ProductPage(ReadPage):
    """What shops offer."""

    rows = staticmethod(console.products_for)
    roles = (Role.REVIEWER,)
    group, place, icon = Group.REVIEW, 20, "nutrition"
    called = (said("product", "商品"), said("products", "商品"))
    states, machine = ProductState, PRODUCT
    colours = {ProductState.PUBLISHED: figures.GREEN, ProductState.WITHDRAWN: figures.RED}
    list_display = ("name", "shop_name", "category_name", "origin", "price", "standing", "listed")
    list_filter = (
        filters.by_code("state", ProductState, said("State", "状态")),
        filters.by_code("product_class", ProductClass, said("Class", "商品类别")),
    )
    search_fields = ("title", "shop__name")
    search_help_text = said("Title or shop", "商品标题或店铺名称")
    fields = (
        "name",
        "shop_link",
        "category_name",
        "kind",
        "origin",
        "standing",
        "sizes",
        "about",
        "listed",
        "published",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("withdraw",)

    def prepare(self, rows: Sequence[Product]) -> None:
        """Read the names of all origins at once."""
        divisions.names({row.origin_county for row in rows})

    @admin.display(description=said("Title", "商品标题"), ordering="title")
    def name(self, row: Product) -> str:
        return row.title

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: Product) -> str:
        return row.shop.name

    @admin.display(description=said("Shop", "店铺"))
    def shop_link(self, row: Product) -> SafeString:
        return figures.link(
            reverse("admin:storefronts_shop_change", args=[row.shop_id]), row.shop.name
        )

    @admin.display(description=said("Category", "品类"))
    def category_name(self, row: Product) -> str:
        return chosen(row.category.name_en, row.category.name_zh)

    @admin.display(description=said("Class", "商品类别"))
    def kind(self, row: Product) -> str:
        goods = figures.label(ProductClass, row.product_class)
        return f"{goods} · {figures.label(TempClass, row.temp_class)}"

    @admin.display(description=said("Origin", "产地"), ordering="origin_county")
    def origin(self, row: Product) -> str:
        code = row.origin_county
        return f"{divisions.names([code]).get(code, '')} {code}".strip()

    @admin.display(description=said("Price", "价格"))
    def price(self, row: Product) -> str:
        prices = sorted(sku.price_fen for sku in row.skus.all())
        if not prices:
            return figures.NOTHING
        lowest, highest = figures.yuan(prices[0]), figures.yuan(prices[-1])
        return lowest if lowest == highest else f"{lowest} – {highest}"

    @admin.display(description=said("Listed", "创建时间"), ordering="created_at")
    def listed(self, row: Product) -> str:
        return figures.local_time(row.created_at)

    @admin.display(description=said("On sale since", "首次上架"))
    def published(self, row: Product) -> str:
        return figures.local_time(row.published_at)

    @admin.display(description=said("Description", "商品描述"))
    def about(self, row: Product) -> str:
        return row.description or figures.NOTHING

    @admin.display(description=said("Sizes", "规格与库存"))
    def sizes(self, row: Product) -> SafeString:
        stock = console.stock_of(row)
        headings = (
            chosen("Size", "规格"),
            chosen("Price", "价格"),
            chosen("Net", "净重"),
            chosen("Gross", "毛重"),
            chosen("Stock", "库存"),
        )
        rows = [_size(sku, stock.get(sku.stock_quota_id, _NO_STOCK)) for sku in row.skus.all()]
        return figures.table(headings, rows, figures={1, 2, 3})

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Product) -> SafeString:
        return lives.life(PRODUCT, row.pk, ProductState)

    @admin.action(description=said("Take off sale", "下架"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda product: entry(publication.withdraw)(
                product, actor=actor, now=now, reason=reason
            ),
        )


def _size(sku: Sku, stock: Figures) -> tuple[object, ...]:
    parts = (
        figures.Part(stock.spent, figures.GREEN, chosen("sold ", "已售 ") + str(stock.spent)),
        figures.Part(stock.held, figures.AMBER, chosen("held ", "占用 ") + str(stock.held)),
        figures.Part(stock.free, "empty", chosen("free ", "可售 ") + str(stock.free)),
    )
    return (
        sku.spec,
        figures.yuan(sku.price_fen),
        figures.kilograms(sku.net_weight_g),
        figures.kilograms(sku.gross_weight_g),
        figures.bar(parts, stock.total),
    )
