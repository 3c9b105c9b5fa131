"""Amounts, lines and parcels as the pages of orders draw them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from core.console import figures
from core.console.words import chosen
from logistics.parcels.domain.states import ParcelState
from logistics.parcels.selectors.parcels import ParcelFacts
from marketplace.coupons.domain.kinds import Funder
from orders.placement.domain.steps import Step
from orders.placement.models import Order, OrderLine, ShopOrder

_LINE_FIGURES = {1, 2, 3, 5, 6}


def amounts_of(row: Order | ShopOrder) -> SafeString:
    """Draw how the payable amount comes about."""
    headings = (
        chosen("Goods", "商品"),
        chosen("Discounts", "优惠"),
        chosen("Freight", "运费"),
        chosen("Payable", "应付"),
    )
    amounts = (row.goods_fen, -row.discount_fen, row.freight_fen, row.payable_fen)
    return figures.table(headings, [[figures.yuan(fen) for fen in amounts]], figures=range(4))


def lines_of(part: ShopOrder) -> SafeString:
    """Draw the lines of a shop's part, each discount with who bears it."""
    headings = (
        chosen("Product", "商品"),
        chosen("Pieces", "数量"),
        chosen("Unit price", "单价"),
        chosen("Sale", "小计"),
        chosen("Discounts by funder", "优惠（按出资方）"),
        chosen("Paid", "实付"),
        chosen("Net", "净重"),
    )
    lines: Any = part.lines
    return figures.table(headings, [_line(one) for one in lines.all()], figures=_LINE_FIGURES)


def parcels_of(found: Iterable[ParcelFacts]) -> SafeString:
    """Draw parcels with where they are."""
    headings = (
        chosen("Carrier", "承运商"),
        chosen("Waybill", "运单号"),
        chosen("State", "状态"),
        chosen("Weight", "毛重"),
        chosen("Collected", "揽收"),
        chosen("Signed for", "签收"),
    )
    rows = [
        (
            parcel.carrier_name,
            parcel.waybill_no or figures.NOTHING,
            figures.label(ParcelState, parcel.state),
            figures.kilograms(parcel.gross_g),
            figures.local_time(parcel.handed_over_at),
            figures.local_time(parcel.signed_at),
        )
        for parcel in found
    ]
    return figures.table(headings, rows, figures={3})


def times_of(*instants: tuple[str, datetime | None]) -> SafeString:
    """Draw what has happened when."""
    return figures.lines(
        *(f"{heading} {figures.local_time(at)}" for heading, at in instants if at is not None)
    )


def _line(line: OrderLine) -> tuple[object, ...]:
    discounts: Any = line.discounts
    borne = [
        f"{figures.label(Funder, one.funder)} -{figures.yuan(one.amount_fen)}"
        f" · {figures.label(Step, one.kind)} · {(one.batch or one.reduction).name}"
        for one in discounts.all()
    ]
    return (
        figures.lines(line.title, line.spec),
        line.quantity,
        figures.yuan(line.unit_price_fen),
        figures.yuan(line.sale_fen),
        figures.lines(*borne) or figures.NOTHING,
        figures.yuan(line.paid_fen),
        figures.kilograms(line.net_weight_g),
    )
