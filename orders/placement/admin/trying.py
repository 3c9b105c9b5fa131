"""What a basket would pay: the quote that buyers see, for whoever is asked why."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from core.accounts.domain.roles import Role
from core.console import fields, figures, words
from core.console.figures import Panel
from core.console.forms import ConsoleForm
from core.console.groups import Group
from core.console.places import RegionsField
from core.console.tools import Tool, register
from core.console.words import chosen, said
from core.errors import DomainError
from marketplace.coupons.domain.kinds import Funder
from orders.baskets.domain.limits import LINES_MAX
from orders.placement.domain.steps import Step
from orders.placement.selectors import shown, trial
from orders.placement.selectors.quotes import Quote, Wanted

COUPONS_MAX = 50
QUANTITY_MAX = 9_999


class TrialForm(ConsoleForm):
    """Goods, where they go, and the coupons to try."""

    lines = fields.LineField(
        label=said("Goods", "商品"),
        max_length=10_000,
        rows=4,
        help_text=said(
            "One line each: the id of a SKU and how many, e.g. 9f1c… 2.",
            "每行一项：SKU 编号与数量，例如 9f1c… 2。",
        ),
    )
    county = RegionsField(label=said("Sent to", "收货地区"), most=1, required=True)
    buyer = forms.UUIDField(
        label=said("Buyer's id", "买家编号"),
        required=False,
        help_text=said("Empty is somebody new.", "留空则按无记录的买家计算。"),
        widget=UnfoldAdminTextInputWidget,
    )
    batches = fields.ListField(
        label=said("Batches, as if claimed", "批次（视为已领取）"),
        most=COUPONS_MAX,
        required=False,
    )
    coupons = fields.ListField(
        label=said("The buyer's coupons", "买家的优惠券"), most=COUPONS_MAX, required=False
    )
    best = forms.BooleanField(
        label=said("And the best of the buyer's others", "并自动选用买家其他最优券"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def clean_lines(self) -> list[Wanted]:
        """Read each SKU with its quantity."""
        words_typed = self.cleaned_data["lines"].replace("×", " ").replace("x ", " ").split()
        pairs = list(zip(words_typed[::2], words_typed[1::2], strict=False))
        if not pairs or len(words_typed) % 2 or len(pairs) > LINES_MAX:
            raise forms.ValidationError(self._example())
        wanted = [Wanted(str(_uuid(sku)), _quantity(typed)) for sku, typed in pairs]
        if len({one.sku for one in wanted}) < len(wanted):
            raise forms.ValidationError(chosen("Each SKU only once.", "每个 SKU 只能填写一次。"))
        return wanted

    def clean_batches(self) -> list[UUID]:
        """Read ids of batches."""
        return [_uuid(word) for word in self.cleaned_data["batches"]]

    def clean_coupons(self) -> list[UUID]:
        """Read ids of coupons."""
        return [_uuid(word) for word in self.cleaned_data["coupons"]]

    def _example(self) -> str:
        return chosen(
            "Write each SKU's id and how many, line by line.", "请逐行填写 SKU 编号与数量。"
        )


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError as wrong:
        raise forms.ValidationError(
            chosen(f"{word} is no id.", f"“{word}”不是有效编号。")
        ) from wrong


def _quantity(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word[:5]) <= QUANTITY_MAX):
        raise forms.ValidationError(chosen(f"{word} is no quantity.", f"“{word}”不是有效数量。"))
    return int(word)


def _answer(given: dict[str, Any]) -> Sequence[Panel]:
    quote = trial.quote(
        wanted=given["lines"],
        county=given["county"][0],
        buyer=given["buyer"],
        batches=given["batches"],
        coupons=given["coupons"],
        is_best=given["best"],
        now=timezone.now(),
    )
    return list(_panels(quote))


def _panels(quote: Quote) -> Iterator[Panel]:
    price = shown.price_of(quote)
    yield Panel(chosen("What it would pay", "应付金额"), _total(price))
    reasons = _reasons(quote.problems, quote.not_used)
    yield Panel(chosen("What stands in the way, and why not", "问题与未使用原因"), reasons)
    for shop in price["shops"]:
        yield Panel(shop["shop"]["name"], _shop(shop, quote), is_wide=True)


def _total(price: dict[str, Any]) -> SafeString:
    rows = (
        (chosen("Goods", "商品"), figures.yuan(price["goods_fen"])),
        (chosen("Discounts", "优惠"), figures.yuan(-price["discount_fen"])),
        (chosen("Freight", "运费"), figures.yuan(price["freight_fen"])),
        (chosen("Payable", "应付"), figures.yuan(price["payable_fen"])),
    )
    return figures.table(("", chosen("Amount", "金额")), rows, figures={1})


def _reasons(problems: Sequence[DomainError], not_used: Sequence[DomainError]) -> SafeString:
    told = [
        *(figures.badge(words.sentence(one), figures.RED) for one in problems),
        *(figures.badge(words.sentence(one), figures.AMBER) for one in not_used),
    ]
    return figures.lines(*told) or figures.badge(chosen("Nothing", "无"), figures.GREEN)


def _shop(shop: dict[str, Any], quote: Quote) -> SafeString:
    headings = (
        chosen("Product", "商品"),
        chosen("Pieces", "数量"),
        chosen("Sale", "小计"),
        chosen("Discounts by step and funder", "优惠（按步骤与出资方）"),
        chosen("Paid", "实付"),
    )
    rows = [
        (
            figures.lines(quote.goods[line["sku"]].title, quote.goods[line["sku"]].spec),
            line["quantity"],
            figures.yuan(line["sale_fen"]),
            figures.lines(*map(_discount, line["discounts"])) or figures.NOTHING,
            figures.yuan(line["paid_fen"]),
        )
        for line in shop["lines"]
    ]
    freight = chosen("Freight", "运费") + " " + figures.yuan(shop["freight_fen"])
    return figures.lines(figures.table(headings, rows, figures={1, 2, 4}), freight)


def _discount(one: dict[str, Any]) -> str:
    borne = ", ".join(
        f"{figures.label(Funder, part['funder'])} {figures.yuan(part['amount_fen'])}"
        for part in one["funders"]
    )
    return f"{figures.label(Step, one['source'])} {figures.yuan(-one['amount_fen'])} ({borne})"


TRIAL = Tool(
    name="basket-price",
    group=Group.CAMPAIGNS,
    place=90,
    icon="calculate",
    title=said("What would this basket pay", "试算购物车"),
    send=said("Work it out", "试算"),
    roles=(Role.CAMPAIGN_MANAGER, Role.OPERATOR),
    form=TrialForm,
    answer=_answer,
)
register(TRIAL)
