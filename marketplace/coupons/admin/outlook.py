"""Before a batch is put to work: what it would do, on one page."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.console import figures
from core.console.figures import Panel
from core.console.forms import Sight
from core.console.words import chosen, said
from marketplace.coupons.domain.kinds import Funder
from marketplace.coupons.domain.outlooks import STOPPING, Cost, Finding, Opening, misses
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.selectors import outlooks
from marketplace.coupons.selectors.outlooks import Outlook
from marketplace.coupons.services import approving
from marketplace.sections.domain.states import SectionState

TITLE = said("What would happen", "启用前预览")
BEFORE = (BatchState.DRAFT, BatchState.REVIEW)

_FINDINGS: dict[Finding, Any] = {
    Finding.SCOPE_EMPTY: said(
        "Nothing that is on sale lies in its scope.", "适用范围内目前没有在售商品。"
    ),
    Finding.SECTION_MISSED: said(
        "It can be used only while a section that it names is closed.",
        "使用时间与所选专区的开放时间没有重合。",
    ),
    Finding.FACE_ABOVE_PRICE: said(
        "It takes off more than the least goods for which it counts cost.",
        "优惠金额高于可用商品的最低金额。",
    ),
    Finding.SECTION_NOT_SCHEDULED: said(
        "A section that it names is still being prepared.", "所选专区仍在准备中，尚未定开放时间。"
    ),
    Finding.NO_SHOP_AGREED: said(
        "No shop in its scope has agreed to bear its part yet.", "范围内尚无店铺接受分担。"
    ),
    Finding.BUDGET_SHORT: said(
        "A budget has less left than all coupons could cost; claims will stop first.",
        "预算剩余低于最大支出，领取会先停止。",
    ),
    Finding.OVERLAPS: said(
        "Other live batches count for some of the same goods.", "另有进行中的批次覆盖部分相同商品。"
    ),
}


def _page(page: Any, request: HttpRequest, row: CouponBatch) -> HttpResponse:
    outlook = outlooks.outlook_of(row, timezone.now())
    answer: HttpResponse = page.shown(request, row, TITLE, _panels(row, outlook))
    return answer


SIGHT = Sight("outlook", TITLE, _page, lambda row: row.state in BEFORE)


def _panels(row: CouponBatch, outlook: Outlook) -> list[Panel]:
    return [
        Panel(chosen("Before it is approved", "审核须知"), _findings(row, outlook), is_wide=True),
        Panel(chosen("In scope now", "当前适用范围"), _reach(outlook)),
        Panel(chosen("What it could cost at most", "最大支出与预算剩余"), _costs(outlook)),
        Panel(chosen("Prices with the coupon", "券后价示例"), _samples(outlook), is_wide=True),
        Panel(chosen("When it can be used", "使用时间与专区开放"), _times(outlook)),
        Panel(chosen("Beside it", "重叠的批次"), _overlaps(outlook)),
    ]


def _findings(row: CouponBatch, outlook: Outlook) -> SafeString:
    told = [
        figures.badge(
            str(_FINDINGS[finding]), figures.RED if finding in STOPPING else figures.AMBER
        )
        for finding in outlook.findings
    ]
    if approving.needs_officer(row, outlook.worst_fen):
        told.append(
            figures.badge(
                chosen(
                    "So much money needs a second officer: who drafted or last changed it "
                    "cannot approve it.",
                    "金额较大，须由起草人和最后修改人以外的人员审核。",
                ),
                figures.BLUE,
            )
        )
    return figures.lines(*told) or figures.badge(
        chosen("Nothing speaks against it.", "未发现问题。"), figures.GREEN
    )


def _reach(outlook: Outlook) -> SafeString:
    reach = outlook.reach
    products = f"{reach.counting:,}"
    if reach.counting != reach.products:
        products = chosen(
            f"{reach.counting:,} of {reach.products:,} (of shops that agreed)",
            f"{reach.counting:,} / {reach.products:,}（店铺已接受分担）",
        )
    rows = (
        (chosen("Products", "商品"), products, ""),
        (chosen("Shops", "店铺"), f"{reach.shops:,}", _named(outlook.shops)),
        (chosen("Counties", "区县"), f"{reach.counties:,}", _named(outlook.counties)),
        (
            chosen("Cheapest", "最低价"),
            figures.NOTHING if reach.cheapest_fen is None else figures.yuan(reach.cheapest_fen),
            "",
        ),
    )
    headings = ("", chosen("How many", "数量"), chosen("Among them", "其中"))
    return figures.table(headings, rows, figures={1})


def _named(pairs: Sequence[tuple[str, int]]) -> SafeString:
    return figures.lines(*(f"{name} {products:,}" for name, products in pairs))


def _costs(outlook: Outlook) -> SafeString:
    headings = (
        chosen("Funder", "出资方"),
        chosen("At most", "最大支出"),
        chosen("Budget", "预算"),
        chosen("Left in it", "预算剩余"),
    )
    rows: list[Sequence[object]] = [_cost(cost) for cost in outlook.costs]
    together = chosen("Together", "合计")
    rows.append((together, figures.yuan(outlook.worst_fen), "", ""))
    return figures.table(headings, rows, figures={1, 3})


def _cost(cost: Cost) -> Sequence[object]:
    source: object = figures.NOTHING
    if cost.budget_id is not None:
        address = reverse("admin:coupons_couponbudget_change", args=[cost.budget_id])
        source = figures.link(address, cost.budget_name)
    left = figures.NOTHING if cost.left_fen is None else figures.yuan(cost.left_fen)
    return figures.label(Funder, cost.funder), figures.yuan(cost.worst_fen), source, left


def _samples(outlook: Outlook) -> SafeString:
    headings = (
        chosen("Product", "商品"),
        chosen("Price", "单价"),
        chosen("Pieces", "件数"),
        chosen("Sale", "小计"),
        chosen("Coupon", "优惠"),
        chosen("Paid", "券后实付"),
    )
    rows = [
        (
            one.title,
            figures.yuan(one.price_fen),
            f"{one.pieces:,}",
            figures.yuan(one.sale_fen),
            figures.yuan(-one.discount_fen),
            figures.yuan(one.paid_fen),
        )
        for one in outlook.samples
    ]
    return figures.table(headings, rows, figures={1, 2, 3, 4, 5})


def _times(outlook: Outlook) -> SafeString:
    window = figures.window(outlook.window.start, outlook.window.end)
    headings = (chosen("Section", "专区"), chosen("State", "状态"), chosen("Open", "开放时间"))
    rows = [_opening(one, outlook) for one in outlook.openings]
    return figures.lines(
        chosen(f"Coupons: {window}", f"优惠券：{window}"),
        figures.table(headings, rows) if rows else "",
    )


def _opening(opening: Opening, outlook: Outlook) -> Sequence[object]:
    colour = figures.RED if misses(opening, outlook.window) else figures.GREEN
    state = figures.badge(figures.label(SectionState, opening.state), colour)
    name = chosen(opening.name_en or opening.name, opening.name)
    return name, state, figures.window(opening.opens_at, opening.closes_at)


def _overlaps(outlook: Outlook) -> SafeString:
    headings = (chosen("Batch", "批次"), chosen("State", "状态"))
    rows = [
        (
            figures.link(
                reverse("admin:coupons_couponbatch_change", args=[one.batch_id]), one.name
            ),
            figures.label(BatchState, one.state),
        )
        for one in outlook.overlaps
    ]
    return figures.table(headings, rows)
