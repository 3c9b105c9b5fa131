"""What a campaign and an enrolment may say: every rule that can be judged before it is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# A campaign that lasts longer than this is a price, not a campaign.
WINDOW_MAX = timedelta(days=366)

# Each rule by its code, in both languages.
SENTENCES = {
    "WINDOW_NOT_FORWARD": ("The end must be later than the start.", "结束必须晚于开始。"),
    "WINDOW_OVER": ("The end must be in the future.", "结束时间必须晚于当前时间。"),
    "WINDOW_TOO_LONG": ("A campaign lasts a year at most.", "活动时长不能超过一年。"),
    "PREHEAT_AFTER_START": (
        "It must be announced before it starts.",
        "预热时间不能晚于开始时间。",
    ),
    "ENROLMENT_AFTER_END": (
        "Shops must enrol before the end.",
        "报名截止不能晚于活动结束。",
    ),
    "REQUIRED": ("This is needed.", "此项必填。"),
    "UNKNOWN": ("There is no such thing.", "没有找到。"),
    "OUTSIDE_THE_SHOP": ("A shop enrols its own goods only.", "只能报名本店商品。"),
    "PRICE_NOT_BELOW_LIST": (
        "The price must be below the ordinary one.",
        "活动价必须低于日常售价。",
    ),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A rule that is broken: where (a JSON pointer) and which."""

    pointer: str
    code: str


@dataclass(frozen=True, slots=True)
class Windows:
    """When a campaign takes enrolments, is announced, begins and ends."""

    enrol_from: datetime
    enrol_until: datetime
    preheats_at: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop offers to a campaign."""

    sku: UUID
    price_fen: int
    quantity: int
    per_user_limit: int | None = None


def wrongs_of(windows: Windows, now: datetime) -> list[Wrong]:
    """Return every rule that windows break."""
    return [*_window(windows, now), *_before(windows)]


def _window(windows: Windows, now: datetime) -> Iterator[Wrong]:
    if windows.ends_at <= windows.starts_at:
        yield Wrong("/ends_at", "WINDOW_NOT_FORWARD")
    elif windows.ends_at <= now:
        yield Wrong("/ends_at", "WINDOW_OVER")
    elif windows.ends_at - windows.starts_at > WINDOW_MAX:
        yield Wrong("/ends_at", "WINDOW_TOO_LONG")


def _before(windows: Windows) -> Iterator[Wrong]:
    if windows.preheats_at > windows.starts_at:
        yield Wrong("/preheats_at", "PREHEAT_AFTER_START")
    if windows.enrol_until <= windows.enrol_from:
        yield Wrong("/enrol_until", "WINDOW_NOT_FORWARD")
    elif windows.enrol_until > windows.ends_at:
        yield Wrong("/enrol_until", "ENROLMENT_AFTER_END")
