"""How budgets and batches go while they run, drawn."""

from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from core import periods
from core.console import curves, figures
from core.console.curves import Line
from core.console.words import chosen
from marketplace.coupons.domain.burning import AlertKind
from marketplace.coupons.selectors import watched

_REASONS = {
    "COUPON_WINDOW": ("outside the claim window", "不在领取时间内"),
    "COUPON_PAUSED": ("paused", "已暂停"),
    "COUPON_USER_LIMIT": ("limit of one person", "达到每人限领"),
    "COUPON_SOLD_OUT": ("all claimed", "已领完"),
    "BUDGET_EXHAUSTED": ("budget gone", "预算用完"),
    "NOT_A_NEW_USER": ("not a new user", "非新用户"),
    "DEEDS_TOO_FAST": ("too fast", "操作过快"),
    "DEVICE_CROWDED": ("crowded device", "设备账号过多"),
    "ADDRESS_CROWDED": ("crowded address", "地址账号过多"),
    "OWN_SHOP_PURCHASE": ("own shop", "本人店铺"),
}


def burn_of(row: Any) -> SafeString:
    """Draw what a budget had left, down to now."""
    points = watched.burn_of(row, timezone.now())
    lines = (
        Line(
            figures.BLUE,
            chosen("left", "剩余"),
            [(point.at, max(0, point.left_fen)) for point in points],
        ),
        Line(figures.GREEN, chosen("spent", "已核销"), [(one.at, one.spent_fen) for one in points]),
    )
    return curves.drawn(lines, whole=row.total_fen, written=figures.yuan)


def alerts_of(row: Any) -> SafeString:
    """Draw what somebody was told about a budget."""
    headings = (
        chosen("When", "时间"),
        chosen("Alert", "提醒"),
        chosen("Committed", "已使用"),
        chosen("Would end", "预计用完"),
    )
    rows = [
        (
            figures.local_time(alert.raised_at),
            figures.label(AlertKind, alert.kind),
            f"{figures.yuan(alert.committed_fen)} / {figures.yuan(alert.total_fen)}",
            figures.local_time(alert.ends_at),
        )
        for alert in watched.alerts_of(row)
    ]
    return figures.table(headings, rows, figures={2})


def course_of(row: Any) -> SafeString:
    """Draw how a batch was claimed and used, down to now."""
    points = watched.course_of(row, timezone.now())
    lines = (
        Line(figures.AMBER, chosen("claimed", "已领"), [(one.at, one.claimed) for one in points]),
        Line(figures.GREEN, chosen("used", "已用"), [(one.at, one.used) for one in points]),
    )
    return curves.drawn(lines, whole=0, written=lambda count: f"{count:,}")


def refused_of(row: Any) -> SafeString:
    """Draw why claims of a batch were refused."""
    headings = (chosen("Why", "原因"), chosen("Today", "今日"), chosen("In all", "累计"))
    rows = [
        (chosen(*_REASONS.get(code, (code, code))), f"{today:,}", f"{ever:,}")
        for code, ever, today in watched.refused_of(row, periods.local_day(timezone.now()))
    ]
    return figures.table(headings, rows, figures={1, 2})
