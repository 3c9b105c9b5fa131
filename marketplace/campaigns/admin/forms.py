"""What is asked about campaigns."""

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from core.console import fields
from core.console.forms import ConsoleForm, GuardedForm
from core.console.words import chosen, said
from marketplace.campaigns.domain.kinds import CampaignKind
from marketplace.campaigns.domain.templates import CampaignTemplate
from marketplace.campaigns.selectors import console
from marketplace.coupons.selectors.console import section_names

_ABOUT = {"CAMPAIGN_EXISTS": "slug"}


def _sections() -> list[tuple[str, str]]:
    return [(slug, chosen(english, chinese)) for slug, english, chinese in section_names()]


def _slug() -> forms.RegexField:
    return forms.RegexField(
        label=said("Name in addresses", "网址标识"),
        regex=r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
        help_text=said("Small letters, digits and single dashes.", "小写字母、数字和短横线。"),
    )


class CampaignForm(ConsoleForm):
    """A campaign: its theme, whose it is, and its windows."""

    slug = _slug()
    kind = fields.CodeField(label=said("Kind", "类型"), enum=CampaignKind)
    name = fields.LineField(label=said("Name (Chinese)", "名称"), max_length=40)
    name_en = fields.LineField(
        label=said("Name (English)", "英文名称"), max_length=60, required=False
    )
    intro = fields.LineField(
        label=said("Introduction (Chinese)", "介绍"), max_length=500, required=False, rows=3
    )
    intro_en = fields.LineField(
        label=said("Introduction (English)", "英文介绍"), max_length=500, required=False, rows=3
    )
    section = fields.PickField(
        label=said("Section", "专区"),
        offered=_sections,
        required=False,
        help_text=said("Only goods from there may enrol.", "仅该专区产地的商品可报名。"),
    )
    budget = fields.PickField(
        label=said("Coupon budget", "优惠券预算"), offered=console.budget_names, required=False
    )
    organisation = fields.LineField(
        label=said("Held by", "主办机构"), max_length=80, required=False
    )
    enrol_from = fields.LocalTimeField(label=said("Shops enrol from", "报名开始"))
    enrol_until = fields.LocalTimeField(label=said("Shops enrol until", "报名截止"))
    preheats_at = fields.LocalTimeField(label=said("Announced", "预热开始"))
    starts_at = fields.LocalTimeField(label=said("Starts", "活动开始"))
    ends_at = fields.LocalTimeField(label=said("Ends", "活动结束"))

    groups: ClassVar[tuple[tuple[Any, tuple[Any, ...]], ...]] = (
        (None, ("slug", "kind", "name", "name_en", "intro", "intro_en")),
        (said("Whose it is", "归属"), ("section", "budget", "organisation")),
        (
            said("Windows", "时间（北京时间）"),
            ("enrol_from", "enrol_until", "preheats_at", "starts_at", "ends_at"),
        ),
    )
    about: ClassVar[dict[str, str]] = _ABOUT


class NewCampaignForm(CampaignForm):
    """A campaign that is to be: what is left empty, its template says."""

    template = fields.CodeField(label=said("Template", "模板"), enum=CampaignTemplate)
    groups = (
        (
            said("From a template: what is left empty, it says", "选择模板，留空项由模板填写"),
            ("template", "starts_at", "slug"),
        ),
        (said("Theme", "主题"), ("kind", "name", "name_en", "intro", "intro_en")),
        CampaignForm.groups[1],
        (
            said("Windows", "时间（北京时间）"),
            ("enrol_from", "enrol_until", "preheats_at", "ends_at"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "name", "enrol_from", "enrol_until", "preheats_at", "ends_at"):
            self.fields[name].required = False
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", chosen("As the template says", "由模板决定")), *kinds.choices]


class CampaignEdit(CampaignForm, GuardedForm):
    """A campaign that exists."""


class CopyForm(ConsoleForm):
    """A campaign like another, at another time."""

    slug = _slug()
    name = fields.LineField(
        label=said("Name (Chinese)", "名称"),
        max_length=40,
        required=False,
        help_text=said("The same where it is left empty.", "留空则与原活动相同。"),
    )
    starts_at = fields.LocalTimeField(
        label=said("Starts", "活动开始"),
        help_text=said("Every other instant moves with it.", "其他时间随之顺延。"),
    )
    about: ClassVar[dict[str, str]] = _ABOUT
