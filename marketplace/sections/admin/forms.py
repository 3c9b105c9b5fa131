"""What is asked about sections and pins."""

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.console import fields
from core.console.forms import ConsoleForm, GuardedForm
from core.console.places import RegionsField, programme_choices
from core.console.words import chosen, said
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.ranks import PIN_POSITION_MAX
from shops.catalogue.selectors import console as goods


def category_choices() -> list[tuple[str, str]]:
    """Return the categories there are, as a tree, named in the language of the page."""
    return [
        (str(one.pk), "　" * depth + chosen(one.name_en, one.name_zh))
        for one, depth in goods.category_tree()
    ]


class SectionForm(ConsoleForm):
    """A section and its rule: every list that is not empty must be met."""

    name = fields.LineField(label=said("Name (Chinese)", "名称"), max_length=40)
    name_en = fields.LineField(
        label=said("Name (English)", "英文名称"), max_length=60, required=False
    )
    slug = forms.RegexField(
        label=said("Name in addresses", "网址标识"),
        regex=r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
        help_text=said("Small letters, digits and single dashes.", "小写字母、数字和短横线。"),
    )
    intro = fields.LineField(
        label=said("Introduction", "介绍"), max_length=500, required=False, rows=3
    )
    position = fields.CountField(
        label=said("Place in the list", "排序"),
        help_text=said("The smallest comes first.", "数字小的排在前面。"),
    )
    regions = RegionsField(
        label=said("Origin", "产地"),
        most=100,
        help_text=said(
            "Codes or names of provinces, prefectures or counties, e.g. 湖北省 or 420527.",
            "省、市、县的名称或代码，可填多个，例如：湖北省 或 420527。",
        ),
    )
    programmes = fields.PickManyField(
        label=said("Programmes", "帮扶项目"), offered=programme_choices, rows=3
    )
    categories = fields.PickManyField(
        label=said("Categories", "品类"), offered=category_choices, rows=10
    )
    story = fields.LineField(
        label=said("Story", "馆藏故事"),
        max_length=5_000,
        required=False,
        rows=4,
        help_text=said("Only of a county's hall.", "仅县域特色馆填写。"),
    )
    gi_mark = fields.LineField(
        label=said("Geographical indication", "地理标志"), max_length=120, required=False
    )
    opens_at = fields.LocalTimeField(label=said("Opens", "开放时间"), required=False)
    closes_at = fields.LocalTimeField(label=said("Closes", "关闭时间"), required=False)

    groups: ClassVar[tuple[tuple[Any, tuple[Any, ...]], ...]] = (
        (None, ("name", "name_en", "slug", "intro", "position")),
        (said("Rule", "入选规则"), ("regions", "programmes", "categories")),
        (said("A county's hall", "县域特色馆"), ("story", "gi_mark")),
        (said("Window", "开放窗口（北京时间）"), ("opens_at", "closes_at")),
    )
    about: ClassVar[dict[str, str]] = {
        "SLUG_TAKEN": "slug",
        "FORBIDDEN": "regions",
        "HALL_EXISTS": "partner_region",
        "HALL_OF_ONE_COUNTY": "regions",
    }
    sentences = {
        "WINDOW_NOT_FORWARD": said(
            "It must close later than it opens.", "关闭时间必须晚于开放时间。"
        )
    }


class NewSectionForm(SectionForm):
    """A section that is to be, and with whom."""

    kind = fields.CodeField(label=said("Kind", "类型"), enum=SectionKind)
    partner = fields.LineField(
        label=said("Partner", "合作机构"),
        max_length=80,
        required=False,
        help_text=said(
            "The organisation's name, where the section is made with one.",
            "联名专区填写机构名称。",
        ),
    )
    partner_region = RegionsField(
        label=said("The partner's region", "合作机构地区"), most=1, rows=1
    )
    groups = (
        *SectionForm.groups[:1],
        (said("Whose it is", "归属"), ("kind", "partner", "partner_region")),
        *SectionForm.groups[1:],
    )
    sentences = {
        **SectionForm.sentences,
        "PARTNER_FITS_THE_KIND": said(
            "Name a partner, unless the section is the market's own.",
            "平台专区不填合作机构，其他类型必须填写。",
        ),
        "ORGANISATION_ELSEWHERE": said(
            "An organisation of this name has another region.", "同名机构的地区与此不同。"
        ),
    }
    places = {"/region": "partner_region", "/partner/region": "partner_region"}


class SectionEdit(SectionForm, GuardedForm):
    """A section that exists."""


class PinForm(ConsoleForm):
    """A product and its place among the pins."""

    product = fields.LineField(
        label=said("Product", "商品"),
        max_length=80,
        help_text=said("Its title, part of it, or its id.", "商品标题、标题的一部分或商品编号。"),
    )
    position = fields.CountField(
        label=said("Place", "位置"),
        largest=PIN_POSITION_MAX,
        required=False,
        help_text=said("Behind the others where it is left empty.", "留空则排在已有置顶之后。"),
    )
    about = {"SECTION_ORIGIN_MISMATCH": "product", "NOT_FOUND": "product"}


class UnpinForm(ConsoleForm):
    """One pin to take off."""

    product = forms.UUIDField(label=said("Product", "商品"), widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = self.initial.get("offered", ())
        self.fields["product"].widget = UnfoldAdminSelectWidget(choices=offered)
