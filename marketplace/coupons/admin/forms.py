"""What is asked about budgets and batches: yuan, percent, wall time in China."""

import dataclasses
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldBooleanSwitchWidget

from core.console import fields, figures
from core.console.forms import ConsoleForm
from core.console.places import RegionsField, programme_choices
from core.console.words import chosen, said
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import (
    BUDGETED,
    GRACE_HOURS_MAX,
    CommitMode,
    CouponKind,
    Funder,
)
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.selectors import console, drafted
from shops.catalogue.selectors import console as goods

QUANTITY_MAX = 100_000_000
PER_USER_MAX = 10_000
DAYS_MAX = 3_650
NAMES_MAX = 2_000
_PAYERS = (*BUDGETED, Funder.SHOP)
_SCOPE = ("sections", "regions", "programmes", "categories", "products", "shops")

_SENTENCES = {
    "THRESHOLD_REQUIRED": said(
        "A full reduction needs a threshold: an amount or a number of pieces.",
        "满减券必须设置门槛（金额或件数）。",
    ),
    "THRESHOLD_TWICE": said(
        "Give the threshold as an amount or in pieces, not both.", "门槛只能按金额或件数设置其一。"
    ),
    "FUNDING_NOT_WHOLE": said("The shares must add up to 100 %.", "各出资方比例之和必须为 100%。"),
    "VALIDITY_REQUIRED": said(
        "Say until when coupons can be used, or for how many days after the claim.",
        "请填写使用截止时间或领取后有效天数。",
    ),
}


def _sections() -> list[tuple[str, str]]:
    return [(slug, chosen(en, zh)) for slug, en, zh in console.section_names()]


def _categories() -> list[tuple[str, str]]:
    return [
        (str(one.reference), "　" * depth + chosen(one.name_en, one.name_zh))
        for one, depth in goods.category_tree()
    ]


def _budgets(funder: Funder) -> Any:
    def offered() -> list[tuple[str, str]]:
        found = []
        for row in console.budgets_of_funder(funder):
            free_fen = row.total_fen - row.reserved_fen - row.spent_fen
            left = chosen("available", "可用")
            found.append((str(row.reference), f"{row.name} · {left} {figures.yuan(free_fen)}"))
        return found

    return offered


class BudgetForm(ConsoleForm):
    """Money for coupons."""

    name = fields.LineField(label=said("Name", "名称"), max_length=80)
    funder = fields.CodeField(label=said("Funder", "出资方"), enum=Funder, only=BUDGETED)
    organisation = fields.LineField(
        label=said("Organisation", "出资单位"), max_length=80, required=False
    )
    total = fields.YuanField(label=said("Total", "预算总额"))
    daily_cap = fields.YuanField(
        label=said("Daily cap", "每日上限"),
        required=False,
        help_text=said(
            "What one day may set aside at most; empty is no cap.",
            "每天最多锁定的金额；留空则不限。",
        ),
    )


class RaiseForm(ConsoleForm):
    """A larger total."""

    total = fields.YuanField(
        label=said("New total", "追加后的总额"),
        help_text=said("A budget only grows.", "预算只能增加，不能减少。"),
    )
    daily_cap = fields.YuanField(
        label=said("New daily cap", "新的每日上限"),
        required=False,
        help_text=said("Counts from today; empty is no cap.", "自今日起生效；留空则不限。"),
    )


class GrowForm(ConsoleForm):
    """More pieces, later ends."""

    quantity = fields.CountField(label=said("Pieces in all", "发行总量"), largest=QUANTITY_MAX)
    claim_until = fields.LocalTimeField(label=said("Claims end", "领取截止"))
    use_until = fields.LocalTimeField(label=said("Use ends", "使用截止"), required=False)


class BatchForm(ConsoleForm):
    """A batch of the platform's coupons; shops draft their own by themselves."""

    name = fields.LineField(label=said("Name", "批次名称"), max_length=80)
    kind = fields.CodeField(label=said("Kind", "优惠类型"), enum=CouponKind)
    threshold = fields.YuanField(label=said("Above an amount of", "满额门槛"), required=False)
    threshold_pieces = fields.CountField(label=said("Or from pieces", "或满件门槛"), required=False)
    amount = fields.YuanField(
        label=said("Takes off", "优惠金额"),
        required=False,
        help_text=said("Full reduction, direct, freight.", "满减、直减与运费券。"),
    )
    discount = fields.PercentField(
        label=said("Takes off in percent", "折扣让利比例"),
        required=False,
        help_text=said("Percentage off: 15 takes 15 % off.", "折扣券：填 15 即减 15%（八五折）。"),
    )
    max_discount = fields.YuanField(
        label=said("At most", "最高优惠"),
        required=False,
        help_text=said("Percentage off.", "折扣券。"),
    )
    allow_on_activity_price = forms.BooleanField(
        label=said("Also on activity prices", "可与活动价同享"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    quantity = fields.CountField(label=said("Pieces", "发行数量"), largest=QUANTITY_MAX)
    per_user_limit = fields.CountField(label=said("Per person", "每人限领"), largest=PER_USER_MAX)
    commit_mode = fields.CodeField(
        label=said("Budget is set aside", "预算锁定方式"),
        enum=CommitMode,
        help_text=said(
            "When used: a claimed coupon holds nothing, and may find the money gone.",
            "使用时锁定：领取后不预留预算，使用时预算可能已用完。",
        ),
    )
    claim_from = fields.LocalTimeField(label=said("Claims begin", "领取开始"))
    claim_until = fields.LocalTimeField(label=said("Claims end", "领取截止"))
    use_from = fields.LocalTimeField(label=said("Use begins", "使用开始"), required=False)
    use_until = fields.LocalTimeField(label=said("Use ends", "使用截止"), required=False)
    days_after_claim = fields.CountField(
        label=said("Or days after the claim", "或领取后有效天数"), required=False, largest=DAYS_MAX
    )
    grace_hours_on_return = fields.CountField(
        label=said("Hours for coupons that come back too late", "逾期退回后可再用小时数"),
        required=False,
        largest=GRACE_HOURS_MAX,
    )
    by_code = forms.BooleanField(
        label=said("Handed out by codes", "凭兑换码发放"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    sections = fields.PickManyField(label=said("Sections", "专区"), offered=_sections, rows=4)
    programmes = fields.PickManyField(
        label=said("Programmes", "帮扶项目"), offered=programme_choices, rows=3
    )
    regions = RegionsField(
        label=said("Origin", "产地"),
        help_text=said(
            "Names or codes, e.g. 湖北省 or 420527.", "名称或代码，例如：湖北省 或 420527。"
        ),
    )
    categories = fields.PickManyField(label=said("Categories", "品类"), offered=_categories, rows=8)
    products = fields.ListField(
        label=said("Products", "商品"), most=NAMES_MAX, help_text=said("Their ids.", "商品编号。")
    )
    shops = fields.ListField(
        label=said("Shops", "店铺"),
        most=NAMES_MAX,
        help_text=said("Their addresses or ids.", "店铺网址标识或编号。"),
    )
    platform = fields.PercentField(label=said("Platform", "平台承担"), required=False)
    platform_budget = fields.PickField(
        label=said("from budget", "预算"), required=False, offered=_budgets(Funder.PLATFORM)
    )
    government = fields.PercentField(label=said("Government", "政府承担"), required=False)
    government_budget = fields.PickField(
        label=said("from budget", "预算"), required=False, offered=_budgets(Funder.GOVERNMENT)
    )
    partner = fields.PercentField(label=said("Partner", "合作方承担"), required=False)
    partner_budget = fields.PickField(
        label=said("from budget", "预算"), required=False, offered=_budgets(Funder.PARTNER)
    )
    shop = fields.PercentField(
        label=said("Shops", "商家承担"),
        required=False,
        help_text=said(
            "Counts only for shops that accept the batch.", "仅对接受该批次的店铺有效。"
        ),
    )

    groups = (
        (
            said("What it takes off", "优惠内容"),
            (
                "name",
                "kind",
                ("threshold", "threshold_pieces"),
                "amount",
                ("discount", "max_discount"),
                "allow_on_activity_price",
            ),
        ),
        (
            said("How many, and when (Beijing time)", "数量与时间（北京时间）"),
            (
                ("quantity", "per_user_limit"),
                "commit_mode",
                ("claim_from", "claim_until"),
                ("use_from", "use_until"),
                ("days_after_claim", "grace_hours_on_return"),
                "by_code",
            ),
        ),
        (
            said("What it counts for: empty means everything", "适用范围：留空即全场"),
            ("sections", "programmes", "categories", "regions", "products", "shops"),
        ),
        (
            said("Who pays: 100 % together", "出资分担：合计 100%"),
            (
                ("platform", "platform_budget"),
                ("government", "government_budget"),
                ("partner", "partner_budget"),
                "shop",
            ),
        ),
    )
    sentences = _SENTENCES

    def clean(self) -> dict[str, Any]:
        """Gather scope and funding, and remember which share stands at which place."""
        given: dict[str, Any] = dict(super().clean() or {})
        if self.errors:
            return given
        given["grace_hours_on_return"] = given["grace_hours_on_return"] or 0
        scope = {name: tuple(given.pop(name)) for name in _SCOPE}
        funding = tuple(_shares(given))
        self.places = {f"/scope/{name}": name for name in _SCOPE} | _places(funding)
        return given | {"scope": WantedScope(**scope), "funding": funding}

    def clean_products(self) -> tuple[UUID, ...]:
        """Read ids of products."""
        try:
            return tuple(UUID(word) for word in self.cleaned_data["products"])
        except ValueError as wrong:
            raise forms.ValidationError(
                chosen("Write the ids of products.", "请填写商品编号。")
            ) from wrong


def start_of(batch: CouponBatch) -> dict[str, Any]:
    """Return a batch as its form shows it."""
    wanted = drafted.draft_of(batch)
    start = {part.name: getattr(wanted, part.name) for part in dataclasses.fields(wanted)}
    start |= {name: getattr(wanted.scope, name) for name in _SCOPE}
    # Nothing granted is an empty field, as it was typed.
    start["grace_hours_on_return"] = wanted.grace_hours_on_return or None
    start["products"] = [str(reference) for reference in wanted.scope.products]
    for part in wanted.funding:
        name = part.funder.lower()
        start |= {name: part.bp, f"{name}_budget": str(part.budget or "")}
    return start


def _shares(given: dict[str, Any]) -> Iterator[WantedFunding]:
    for funder in _PAYERS:
        name = funder.value.lower()
        share, budget = given.pop(name), given.pop(f"{name}_budget", "")
        if share or budget:
            yield WantedFunding(funder.value, share or 0, UUID(budget) if budget else None)


def _places(funding: tuple[WantedFunding, ...]) -> dict[str, str]:
    places = {"/funding": "shop"}
    for place, part in enumerate(funding):
        name = part.funder.lower()
        places[f"/funding/{place}/budget"] = f"{name}_budget"
        places[f"/funding/{place}/funder"] = name
    return places
