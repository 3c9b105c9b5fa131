"""The pages of sections."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.forms import Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.errors import Forbidden
from core.regions.selectors import divisions
from core.transactions import entry
from marketplace.sections.admin import forms
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.states import SECTION, SectionState
from marketplace.sections.models import Section, SectionPin
from marketplace.sections.selectors import console
from marketplace.sections.services import pins, sections
from shops.catalogue.selectors import tree

ORIGINS_MAX = 30
LAST_POSITION = 1_000


def _columns(page: ReadPage, request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    if not console.may_manage(request.user, given["regions"]):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)
    lists = {
        "regions": list(given["regions"]),
        "programmes": list(given["programmes"]),
        "categories": [int(key) for key in given["categories"]],
    }
    return given | lists | {"actor": page.actor(request), "now": timezone.now()}


def _create(page: ReadPage, request: HttpRequest, row: None, given: dict[str, Any]) -> Section:  # noqa: ARG001
    name, region = given.pop("partner"), next(iter(given.pop("partner_region")), "")
    if name and not console.may_manage(request.user, (region,)):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)
    partner = sections.Partner(name, region) if name else None
    return entry(sections.create)(partner=partner, **_columns(page, request, given))


def _edit(page: ReadPage, request: HttpRequest, row: Section, given: dict[str, Any]) -> Section:
    # The guard is what the form was shown, not what is there by now.
    row.version = given.pop("version")
    return entry(sections.edit)(row, **_columns(page, request, given))


def _pin(page: ReadPage, request: HttpRequest, row: Section, given: dict[str, Any]) -> Section:
    entry(pins.pin)(
        row,
        console.product_called(given["product"]),
        position=given["position"],
        actor=page.actor(request),
        now=timezone.now(),
    )
    return row


def _unpin(page: ReadPage, request: HttpRequest, row: Section, given: dict[str, Any]) -> Section:  # noqa: ARG001
    entry(pins.unpin)(row, given["product"], now=timezone.now())
    return row


def _fresh(row: None) -> dict[str, Any]:  # noqa: ARG001
    return {"position": LAST_POSITION, "kind": SectionKind.PLAIN}


def _shown(row: Section) -> dict[str, Any]:
    names = [*forms.SectionEdit.base_fields]
    return {name: getattr(row, name) for name in names}


def _pinned(row: Section) -> dict[str, Any]:
    return {
        "offered": [
            (str(pin.product.reference), f"{pin.position} · {pin.product.title}")
            for pin in console.pins(row)
        ]
    }


@admin.register(Section)
class SectionPage(ReadPage):
    """Sections with what they hold."""

    rows = staticmethod(console.sections_for)
    roles = (Role.SECTION_MANAGER,)
    group, place, icon = Group.SECTIONS, 10, "category"
    called = (said("section", "专区"), said("sections", "专区"))
    states, machine = SectionState, SECTION
    colours = {
        SectionState.OPEN: figures.GREEN,
        SectionState.SCHEDULED: figures.BLUE,
        SectionState.DRAFT: figures.AMBER,
    }
    deeds = (
        Deed("add", said("New section", "新建专区"), forms.NewSectionForm, _create, _fresh),
        Deed("edit", said("Edit", "编辑"), forms.SectionEdit, _edit, _shown),
        Deed("pin", said("Pin a product", "置顶商品"), forms.PinForm, _pin),
        Deed(
            "unpin",
            said("Unpin a product", "取消置顶"),
            forms.UnpinForm,
            _unpin,
            _pinned,
            lambda row: bool(row.pinned),
        ),
    )
    list_display = ("title", "address", "rule", "standing", "members", "pinned_count", "order")
    list_filter = (filters.by_code("state", SectionState, said("State", "状态")),)
    search_fields = ("name", "slug")
    fields = (
        "title",
        "address",
        "introduction",
        "whose",
        "rule",
        "window",
        "standing",
        "members",
        "origins",
        "pinned_products",
        "order",
        "steps",
    )
    ordering = ("position", "pk")
    actions = ("open", "close")

    def prepare(self, rows: Sequence[Section]) -> None:
        """Read the names of all origins at once."""
        divisions.names({code for row in rows for code in row.regions})

    def name_of(self, row: Section) -> str:
        """Name the section in the language of the page."""
        return self.title(row)

    @admin.display(description=said("Name", "名称"), ordering="name")
    def title(self, row: Section) -> str:
        return chosen(row.name_en or row.name, row.name)

    @admin.display(description=said("Address", "网址标识"), ordering="slug")
    def address(self, row: Section) -> str:
        return f"/api/v1/sections/{row.slug}"

    @admin.display(description=said("Introduction", "介绍"))
    def introduction(self, row: Section) -> str:
        return row.intro or figures.NOTHING

    @admin.display(description=said("Whose it is", "归属"))
    def whose(self, row: Section) -> SafeString:
        kind = figures.label(SectionKind, row.kind)
        return figures.lines(kind, *([row.partner.name] if row.partner else []))

    @admin.display(description=said("Rule", "入选规则"))
    def rule(self, row: Section) -> SafeString:
        names = divisions.names(row.regions)
        places = [f"{names.get(code, '')} {code}".strip() for code in row.regions]
        found = [tree.by_id(key) for key in row.categories]
        goods = [chosen(one.name_en, one.name_zh) for one in found]
        parts = (
            (chosen("Origin", "产地"), places),
            (chosen("Programme", "帮扶项目"), row.programmes),
            (chosen("Category", "品类"), goods),
        )
        return figures.lines(
            *(f"{heading}: {', '.join(values)}" for heading, values in parts if values)
        ) or SafeString(chosen("Pins only", "仅置顶商品"))

    @admin.display(description=said("Window", "开放窗口"))
    def window(self, row: Section) -> str:
        return figures.window(row.opens_at, row.closes_at)

    @admin.display(description=said("Products", "商品数"), ordering="shown")
    def members(self, row: Any) -> str:
        return f"{row.shown:,}"

    @admin.display(description=said("Pins", "置顶数"), ordering="pinned")
    def pinned_count(self, row: Any) -> str:
        return str(row.pinned)

    @admin.display(description=said("Order", "排序"), ordering="position")
    def order(self, row: Section) -> str:
        return str(row.position)

    @admin.display(description=said("By origin", "按产地"))
    def origins(self, row: Section) -> SafeString:
        counts = console.by_origin(row.pk, ORIGINS_MAX)
        most = max((count.members for count in counts), default=0)
        headings = (chosen("County", "县区"), chosen("Products", "商品数"))
        return figures.table(
            headings,
            [
                (
                    f"{count.county} {count.code}",
                    figures.bar(
                        [figures.Part(count.members, figures.GREEN, f"{count.members:,}")], most
                    ),
                )
                for count in counts
            ],
        )

    @admin.display(description=said("Pins", "置顶商品"))
    def pinned_products(self, row: Section) -> SafeString:
        headings = (chosen("Place", "位置"), chosen("Product", "商品"), chosen("Since", "时间"))
        return figures.table(headings, [_pin_row(pin) for pin in console.pins(row)])

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Section) -> SafeString:
        return lives.life(SECTION, row.pk, SectionState)

    @admin.action(description=said("Open", "开放"))
    def open(self, request: HttpRequest, queryset: QuerySet[Section]) -> None:
        self._put(request, queryset, SectionState.OPEN)

    @admin.action(description=said("Close", "关闭"))
    def close(self, request: HttpRequest, queryset: QuerySet[Section]) -> None:
        self._put(request, queryset, SectionState.CLOSED)

    def _put(self, request: HttpRequest, queryset: QuerySet[Section], state: SectionState) -> None:
        actor, now = self.actor(request), timezone.now()
        self.carry_out(
            request,
            queryset,
            lambda row: entry(sections.edit)(row, state=state, actor=actor, now=now),
        )


def _pin_row(pin: SectionPin) -> tuple[object, ...]:
    return pin.position, pin.product.title, figures.local_time(pin.pinned_at)
