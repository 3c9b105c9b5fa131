"""The page of counties' brands: founding them, and saying which shops may use them."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from core.accounts.domain.roles import Role
from core.console import fields, figures, filters, lives
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.places import RegionsField
from core.console.words import chosen, said
from core.errors import Forbidden
from core.regions.selectors import divisions
from core.transactions import entry
from marketplace.sections.admin.forms import category_choices
from marketplace.sections.domain.branding import BRAND, BrandKind, BrandState
from marketplace.sections.models import RegionalBrand
from marketplace.sections.selectors import brands as shown
from marketplace.sections.selectors import console
from marketplace.sections.services import brands
from shops.catalogue.selectors import tree


class BrandForm(ConsoleForm):
    """A brand of a county, for goods of one category."""

    county = RegionsField(
        label=said("County", "县"),
        most=1,
        rows=1,
        required=True,
        help_text=said("One code or name, e.g. 祁东县.", "填一个名称或代码，例如：祁东县。"),
    )
    category = fields.PickField(label=said("Category", "品类"), offered=category_choices)
    kind = fields.CodeField(label=said("Kind", "类型"), enum=BrandKind)
    name = fields.LineField(label=said("Name", "品牌名称"), max_length=40)
    gi_mark = fields.LineField(
        label=said("Geographical indication", "地理标志"), max_length=120, required=False
    )
    about: ClassVar[dict[str, str]] = {"FLAGSHIP_EXISTS": "county", "FORBIDDEN": "county"}


class AuthoriseForm(ConsoleForm):
    """A shop that is to use the brand."""

    shop = forms.UUIDField(
        label=said("Shop", "店铺"),
        widget=fields.LineField(max_length=36).widget,
        help_text=said("The shop's id.", "店铺编号。"),
    )
    about: ClassVar[dict[str, str]] = {"ALREADY_AUTHORISED": "shop", "NOT_FOUND": "shop"}


class EndForm(ConsoleForm):
    """A shop that is to use the brand no longer."""

    shop = forms.UUIDField(label=said("Shop", "店铺"), widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = self.initial.get("offered", ())
        self.fields["shop"].widget = UnfoldAdminSelectWidget(choices=offered)


def _found(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> RegionalBrand:  # noqa: ARG001
    county = next(iter(given["county"]))
    if not console.may_manage(request.user, (county,)):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)
    return entry(brands.found)(
        county=county,
        category=tree.by_id(int(given["category"])),
        kind=BrandKind(given["kind"]),
        name=given["name"],
        gi_mark=given["gi_mark"],
        actor=page.actor(request),
        now=timezone.now(),
    )


def _authorise(
    page: ReadPage, request: HttpRequest, row: RegionalBrand, given: dict[str, Any]
) -> RegionalBrand:
    shop: UUID = given["shop"]
    entry(brands.authorise)(row, shop, actor=page.actor(request), now=timezone.now())
    return row


def _end(
    page: ReadPage, request: HttpRequest, row: RegionalBrand, given: dict[str, Any]
) -> RegionalBrand:
    shop: UUID = given["shop"]
    entry(brands.end_authorisation)(row, shop, actor=page.actor(request), now=timezone.now())
    return row


def _offered(row: RegionalBrand) -> dict[str, Any]:
    held = shown.authorised(row).order_by("authorised_at", "id")
    return {"offered": [(str(one.shop.reference), one.shop.name) for one in held]}


def _is_in_use(row: RegionalBrand) -> bool:
    return row.state == BrandState.ACTIVE


@admin.register(RegionalBrand)
class BrandPage(ReadPage):
    """Brands of counties, one flagship each."""

    rows = staticmethod(console.brands_for)
    roles = (Role.SECTION_MANAGER,)
    group, place, icon = Group.SECTIONS, 30, "workspace_premium"
    called = (said("county brand", "县域品牌"), said("county brands", "县域品牌"))
    states, machine = BrandState, BRAND
    colours = {BrandState.ACTIVE: figures.GREEN}
    deeds = (
        Deed("add", said("New brand", "新建品牌"), BrandForm, _found),
        Deed(
            "authorise",
            said("Authorise a shop", "授权店铺"),
            AuthoriseForm,
            _authorise,
            fits=_is_in_use,
        ),
        Deed(
            "end",
            said("End an authorisation", "取消授权"),
            EndForm,
            _end,
            _offered,
            lambda row: _is_in_use(row) and bool(row.shops),
        ),
    )
    list_display = ("name", "county_of", "kind_of", "category_of", "mark", "standing", "shops")
    list_filter = (
        filters.by_code("state", BrandState, said("State", "状态")),
        filters.by_code("kind", BrandKind, said("Kind", "类型")),
    )
    search_fields = ("name", "county__startswith")
    fields = (
        "name_shown",
        "county_of",
        "kind_of",
        "category_of",
        "mark",
        "standing",
        "authorised_shops",
        "steps",
    )
    ordering = ("county", "pk")
    actions = ("retire",)

    def prepare(self, rows: Sequence[RegionalBrand]) -> None:
        """Read the names of all counties at once."""
        divisions.names({row.county for row in rows})

    @admin.display(description=said("Name", "品牌名称"), ordering="name")
    def name_shown(self, row: RegionalBrand) -> str:
        return row.name

    @admin.display(description=said("County", "县"), ordering="county")
    def county_of(self, row: RegionalBrand) -> str:
        return f"{divisions.names([row.county]).get(row.county, '')} {row.county}".strip()

    @admin.display(description=said("Kind", "类型"), ordering="kind")
    def kind_of(self, row: RegionalBrand) -> str:
        return figures.label(BrandKind, row.kind)

    @admin.display(description=said("Category", "品类"))
    def category_of(self, row: RegionalBrand) -> str:
        return chosen(row.category.name_en, row.category.name_zh)

    @admin.display(description=said("Geographical indication", "地理标志"))
    def mark(self, row: RegionalBrand) -> str:
        return row.gi_mark or figures.NOTHING

    @admin.display(description=said("Shops", "授权店铺数"))
    def shops(self, row: Any) -> str:
        return str(row.shops)

    @admin.display(description=said("Authorised shops", "授权店铺"))
    def authorised_shops(self, row: RegionalBrand) -> SafeString:
        headings = (
            chosen("Shop", "店铺"),
            chosen("Products", "商品数"),
            chosen("Since", "授权时间"),
        )
        held: QuerySet[Any] = shown.authorised(row).order_by("authorised_at", "id")
        return figures.table(
            headings,
            [(one.shop.name, one.products, figures.local_time(one.authorised_at)) for one in held],
            figures={1},
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: RegionalBrand) -> SafeString:
        return lives.life(BRAND, row.pk, BrandState)

    @admin.action(description=said("Retire", "停用"))
    def retire(self, request: HttpRequest, queryset: QuerySet[RegionalBrand]) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(brands.retire)(row, actor=actor, now=now, reason=reason),
        )
