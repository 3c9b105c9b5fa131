"""The pages of pairings between regions and of programmes that regions run themselves."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from core.accounts.domain.roles import Role
from core.console import fields, figures
from core.console.forms import ConsoleForm, Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.places import RegionsField
from core.console.words import chosen, said
from core.errors import Forbidden
from core.regions.models import Programme, RegionPairing
from core.regions.selectors import divisions
from core.regions.services import pairing, programmes
from core.transactions import entry
from marketplace.sections.selectors import console

PRIORITY = 100
PRIORITY_MAX = 1_000
COUNTIES_SHOWN_MAX = 100


class CalendarField(forms.DateField):
    """A day in the calendar of China."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        super().__init__(**{"widget": widget, "input_formats": ["%Y-%m-%d"], **kwargs})


class PairingForm(ConsoleForm):
    """Who helps whom, from which day on."""

    helper = RegionsField(label=said("Helps", "帮扶地区"), most=1, rows=1, required=True)
    helped = RegionsField(label=said("Is helped", "受帮扶地区"), most=1, rows=1, required=True)
    valid_from = CalendarField(label=said("First day", "起始日期"))
    valid_until = CalendarField(label=said("First day after", "终止日期（不含）"), required=False)
    priority = fields.CountField(
        label=said("Priority", "优先级"),
        largest=PRIORITY_MAX,
        help_text=said("Of several that fit, the smallest counts alone.", "数字小的优先。"),
    )
    reason = fields.LineField(label=said("Why", "依据"), max_length=200)
    about: ClassVar[dict[str, str]] = {"PAIRED_ALREADY": "helped", "FORBIDDEN": "helped"}
    sentences: ClassVar[dict[str, Any]] = {
        "SAME_REGION": said("A region is paired with another.", "不能与自己结对。")
    }


class EndForm(ConsoleForm):
    """The first day on which it does not count any more."""

    on = CalendarField(label=said("First day after", "终止日期（不含）"))
    sentences: ClassVar[dict[str, Any]] = {
        "WINDOW_NOT_FORWARD": said("It began on that day or later.", "终止日期须晚于起始日期。")
    }


class ProgrammeForm(ConsoleForm):
    """A programme of a region's own."""

    slug = forms.RegexField(
        label=said("Name in addresses", "网址标识"),
        regex=r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
    )
    name_zh = fields.LineField(label=said("Name (Chinese)", "名称"), max_length=80)
    name_en = fields.LineField(label=said("Name (English)", "英文名称"), max_length=120)
    source = fields.LineField(label=said("Decided by", "文件依据"), max_length=500)
    region = RegionsField(label=said("Region", "地区"), most=1, rows=1, required=True)
    about: ClassVar[dict[str, str]] = {"PROGRAMME_EXISTS": "slug", "FORBIDDEN": "region"}


class MemberForm(ConsoleForm):
    """A county that belongs to a programme from a day on."""

    county = RegionsField(label=said("County", "县"), most=1, rows=1, required=True)
    valid_from = CalendarField(label=said("First day", "起始日期"))
    valid_until = CalendarField(label=said("First day after", "终止日期（不含）"), required=False)
    reason = fields.LineField(label=said("Why", "依据"), max_length=200)
    about: ClassVar[dict[str, str]] = {"MEMBER_ALREADY": "county"}
    places = {"/region": "county"}
    sentences: ClassVar[dict[str, Any]] = {
        "OUTSIDE": said("It lies outside the programme's region.", "该县不在项目地区内。")
    }


class LeaveForm(EndForm):
    """A county that leaves a programme."""

    county = RegionsField(label=said("County", "县"), most=1, rows=1, required=True)
    about: ClassVar[dict[str, str]] = {"NOT_FOUND": "county"}


def _reach(request: HttpRequest, region: str) -> None:
    if not console.may_manage(request.user, (region,)):
        raise Forbidden(needs=Role.SECTION_MANAGER.value)


def _one(codes: Sequence[str]) -> str:
    return next(iter(codes))


def _pair(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,
    row: None,  # noqa: ARG001
    given: dict[str, Any],
) -> RegionPairing:
    given |= {"helper": _one(given["helper"]), "helped": _one(given["helped"])}
    _reach(request, given["helped"])
    return entry(pairing.pair)(**given)


def _end(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,
    row: RegionPairing,
    given: dict[str, Any],
) -> RegionPairing:
    _reach(request, row.helped)
    return entry(pairing.end)(row, on=given["on"])


def _found(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,
    row: None,  # noqa: ARG001
    given: dict[str, Any],
) -> Programme:
    given |= {"region": _one(given["region"])}
    _reach(request, given["region"])
    return entry(programmes.found)(**given)


def _admit(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,
    row: Programme,
    given: dict[str, Any],
) -> Programme:
    _reach(request, row.region)
    entry(programmes.admit)(row, _one(given.pop("county")), **given)
    return row


def _dismiss(
    page: ReadPage,  # noqa: ARG001
    request: HttpRequest,
    row: Programme,
    given: dict[str, Any],
) -> Programme:
    _reach(request, row.region)
    entry(programmes.dismiss)(row, _one(given["county"]), on=given["on"])
    return row


def _days(first: date | None, before: date | None) -> str:
    return f"{first or '…'} — {before or '…'}"


def _place(code: str) -> str:
    return f"{divisions.names([code]).get(code, '')} {code}".strip()


@admin.register(RegionPairing)
class PairingPage(ReadPage):
    """Which regions help which."""

    rows = staticmethod(console.pairings_for)
    roles = (Role.SECTION_MANAGER,)
    group, place, icon = Group.SECTIONS, 40, "sync_alt"
    called = (said("pairing", "对口帮扶"), said("pairings", "对口帮扶"))
    deeds = (
        Deed(
            "add",
            said("New pairing", "新建结对"),
            PairingForm,
            _pair,
            lambda _: {"priority": PRIORITY},
        ),
        Deed("end", said("End", "终止"), EndForm, _end),
    )
    list_display = ("who_helps", "who_is_helped", "days", "priority_shown", "why")
    search_fields = ("helper__startswith", "helped__startswith")
    search_help_text = said("Region code", "地区代码")
    fields = ("who_helps", "who_is_helped", "days", "priority_shown", "why")
    ordering = ("priority", "pk")

    def prepare(self, rows: Sequence[RegionPairing]) -> None:
        """Read the names of all regions at once."""
        divisions.names({code for row in rows for code in (row.helper, row.helped)})

    def name_of(self, row: RegionPairing) -> str:
        """Name a pairing by its regions."""
        return f"{_place(row.helper)} → {_place(row.helped)}"

    @admin.display(description=said("Helps", "帮扶地区"), ordering="helper")
    def who_helps(self, row: RegionPairing) -> str:
        return _place(row.helper)

    @admin.display(description=said("Is helped", "受帮扶地区"), ordering="helped")
    def who_is_helped(self, row: RegionPairing) -> str:
        return _place(row.helped)

    @admin.display(description=said("Days", "期限"), ordering="valid_from")
    def days(self, row: RegionPairing) -> str:
        return _days(row.valid_from, row.valid_until)

    @admin.display(description=said("Priority", "优先级"), ordering="priority")
    def priority_shown(self, row: RegionPairing) -> str:
        return str(row.priority)

    @admin.display(description=said("Why", "依据"))
    def why(self, row: RegionPairing) -> str:
        return row.reason


@admin.register(Programme)
class ProgrammePage(ReadPage):
    """Programmes; those of a region's own are run here."""

    rows = staticmethod(console.programmes_for)
    roles = (Role.SECTION_MANAGER,)
    group, place, icon = Group.SECTIONS, 50, "volunteer_activism"
    called = (said("programme", "帮扶项目"), said("programmes", "帮扶项目"))
    deeds = (
        Deed("add", said("New programme", "新建项目"), ProgrammeForm, _found),
        Deed(
            "admit",
            said("Let a county join", "加入县"),
            MemberForm,
            _admit,
            fits=lambda row: bool(row.region),
        ),
        Deed(
            "dismiss",
            said("Let a county leave", "移出县"),
            LeaveForm,
            _dismiss,
            fits=lambda row: bool(row.region),
        ),
    )
    list_display = ("title", "address", "whose", "decided")
    search_fields = ("slug", "name_zh", "name_en")
    fields = ("title", "address", "whose", "decided", "counties")
    ordering = ("slug",)

    def prepare(self, rows: Sequence[Programme]) -> None:
        """Read the names of all regions at once."""
        divisions.names({row.region for row in rows if row.region})

    def name_of(self, row: Programme) -> str:
        """Name a programme in the language of the page."""
        return self.title(row)

    @admin.display(description=said("Name", "名称"), ordering="name_zh")
    def title(self, row: Programme) -> str:
        return chosen(row.name_en, row.name_zh)

    @admin.display(description=said("Address", "网址标识"), ordering="slug")
    def address(self, row: Programme) -> str:
        return row.slug

    @admin.display(description=said("Whose it is", "归属"), ordering="region")
    def whose(self, row: Programme) -> str:
        return _place(row.region) if row.region else chosen("Official list", "官方名单")

    @admin.display(description=said("Decided by", "文件依据"))
    def decided(self, row: Programme) -> str:
        return row.source

    @admin.display(description=said("Counties", "县"))
    def counties(self, row: Programme) -> Any:
        headings = (chosen("County", "县"), chosen("Days", "期限"), chosen("Why", "依据"))
        members = console.members_of(row, COUNTIES_SHOWN_MAX)
        divisions.names({member.region_code for member in members})
        return figures.table(
            headings,
            [
                (
                    _place(member.region_code),
                    _days(member.valid_from, member.valid_until),
                    member.reason,
                )
                for member in members
            ],
        )
