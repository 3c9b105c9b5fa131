"""What is taken away of budgets and batches: tables, and the link that leads to coupons."""

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.safestring import SafeString

from core.console import figures, qr, sheets
from core.console.figures import Panel
from core.console.forms import Sight
from core.console.sheets import CSV, XLSX, Row, Yuan
from core.console.words import chosen, said
from marketplace.coupons.domain.states import BatchState, CouponState
from marketplace.coupons.models import CouponBatch, CouponBudget
from marketplace.coupons.selectors import exported
from marketplace.coupons.selectors.exported import ExportedCoupon, Spent

log = structlog.get_logger("market.coupons")
LINKED = (BatchState.REVIEW, BatchState.ACTIVE, BatchState.PAUSED)


def claim_address(batch: CouponBatch) -> str:
    """Return the address that leads people to a batch; apps open it at the batch they can claim."""
    return f"{settings.MARKETPLACE_PUBLIC_URL.rstrip('/')}/claim/{batch.reference}"


def _coupons(kind: str) -> Any:
    def answered(page: Any, request: HttpRequest, row: CouponBatch) -> StreamingHttpResponse:
        _note(page, request, "coupons_exported", batch=str(row.reference), kind=kind)
        headings = (
            *(chosen("Coupon", "优惠券编号"), chosen("State", "状态")),
            *(chosen("Claimed", "领取时间"), chosen("Valid from", "生效时间")),
            *(chosen("Valid until", "失效时间"), chosen("Used", "使用时间")),
            *(chosen("Order", "订单"), chosen("Took off (yuan)", "已优惠（元）")),
        )
        rows = map(_coupon, exported.coupons_of(row))
        return sheets.answer(kind, f"coupons-{row.reference}", headings, rows)

    return answered


def _spending(kind: str) -> Any:
    def answered(page: Any, request: HttpRequest, row: CouponBudget) -> StreamingHttpResponse:
        _note(page, request, "spending_exported", budget=str(row.reference), kind=kind)
        headings = (
            *(chosen("Batch", "批次"), chosen("Coupon", "优惠券编号")),
            *(chosen("Order", "订单"), chosen("Line", "订单行")),
            *(chosen("Amount (yuan)", "金额（元）"), chosen("Used", "使用时间")),
            chosen("Came back", "退回时间"),
        )
        rows = map(_spent, exported.spending_of(row))
        return sheets.answer(kind, f"spending-{row.reference}", headings, rows)

    return answered


def _coupon(one: ExportedCoupon) -> Row:
    state = figures.label(CouponState, one.state)
    times = (one.claimed_at, one.valid_from, one.valid_until, one.used_at)
    shown = [at and figures.local_second(at) for at in times]
    return (one.reference, state, *shown, one.order_reference, Yuan(one.used_fen))


def _spent(one: Spent) -> Row:
    named = (one.batch, one.coupon_reference, one.order_reference, one.line_reference)
    back = one.reversed_at and figures.local_second(one.reversed_at)
    return (*named, Yuan(one.amount_fen), figures.local_second(one.used_at), back)


def _note(page: Any, request: HttpRequest, event: str, **facts: str) -> None:
    # Whoever takes things away is kept in the log, as for codes.
    log.info(event, user=page.actor(request).user_id, **facts)


def _link(page: Any, request: HttpRequest, row: CouponBatch) -> HttpResponse:
    address = claim_address(row)
    body = figures.lines(
        figures.link(address, address),
        qr.inline(address),
        figures.link(page.sight_address(row.pk, "qr"), chosen("Take the picture", "下载二维码")),
    )
    panels = [Panel(chosen("Claim link", "领取链接"), SafeString(body))]
    answer: HttpResponse = page.shown(request, row, chosen("Claim link", "领取链接"), panels)
    return answer


def _qr(page: Any, request: HttpRequest, row: CouponBatch) -> HttpResponse:  # noqa: ARG001
    answer = HttpResponse(qr.picture(claim_address(row)), content_type="image/svg+xml")
    answer["Content-Disposition"] = f'attachment; filename="claim-{row.reference}.svg"'
    return answer


def _is_linked(row: CouponBatch) -> bool:
    return row.state in LINKED and not row.by_code


OF_BATCHES = (
    Sight("link", said("Claim link and QR code", "领取链接与二维码"), _link, _is_linked),
    Sight("coupons-csv", said("Coupons as CSV", "导出优惠券 CSV"), _coupons(CSV)),
    Sight("coupons-xlsx", said("Coupons as XLSX", "导出优惠券 XLSX"), _coupons(XLSX)),
)
# Reached from the page of the link.
PICTURES = (Sight("qr", said("QR code", "二维码"), _qr, _is_linked),)
OF_BUDGETS = (
    Sight("spending-csv", said("Spending as CSV", "导出支出 CSV"), _spending(CSV)),
    Sight("spending-xlsx", said("Spending as XLSX", "导出支出 XLSX"), _spending(XLSX)),
)
