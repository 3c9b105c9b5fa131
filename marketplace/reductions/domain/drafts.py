"""What a full reduction may promise: every rule that can be judged before anything is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from marketplace.reductions.domain.tiers import Tier

# Each rule by its code, in both languages.
SENTENCES = {
    "WINDOW_NOT_FORWARD": ("The end must be later than the start.", "结束必须晚于开始。"),
    "WINDOW_OVER": ("The end must be in the future.", "结束时间必须晚于当前时间。"),
    "TIERS_REQUIRED": ("Name at least one tier.", "请至少设置一档满减。"),
    "THRESHOLD_REQUIRED": (
        "A tier needs a threshold, in fen or in pieces.",
        "每一档必须设置门槛（金额或件数）。",
    ),
    "THRESHOLD_TWICE": (
        "Give the threshold in fen or in pieces, not both.",
        "门槛只能按金额或件数设置其一。",
    ),
    "TAKES_TOO_MUCH": (
        "A tier takes less off than it asks for.",
        "减免金额必须小于门槛金额。",
    ),
    "TIERS_NOT_RISING": (
        "A higher threshold must take more off.",
        "门槛越高，减免金额必须越多。",
    ),
    "UNKNOWN": ("There is no such product.", "没有找到该商品。"),
    "OUTSIDE_THE_SHOP": (
        "A shop takes money off its own goods only.",
        "满减只能用于本店商品。",
    ),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A rule that is broken: where (a JSON pointer) and which."""

    pointer: str
    code: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A full reduction as its shop wants it; without products it counts for all the shop sells."""

    name: str
    starts_at: datetime
    ends_at: datetime
    tiers: tuple[Tier, ...]
    products: tuple[UUID, ...] = ()
    allow_on_activity_price: bool = False


def wrongs_of(draft: Draft, now: datetime) -> list[Wrong]:
    """Return every rule that a draft breaks."""
    return [*_window(draft, now), *_tiers(draft.tiers)]


def _window(draft: Draft, now: datetime) -> Iterator[Wrong]:
    if draft.ends_at <= draft.starts_at:
        yield Wrong("/ends_at", "WINDOW_NOT_FORWARD")
    elif draft.ends_at <= now:
        yield Wrong("/ends_at", "WINDOW_OVER")


def _tiers(tiers: Sequence[Tier]) -> Iterator[Wrong]:
    if not tiers:
        yield Wrong("/tiers", "TIERS_REQUIRED")
    for place, tier in enumerate(tiers):
        if tier.threshold_fen is None and tier.threshold_pieces is None:
            yield Wrong(f"/tiers/{place}/threshold_fen", "THRESHOLD_REQUIRED")
        elif tier.threshold_fen is not None and tier.threshold_pieces is not None:
            yield Wrong(f"/tiers/{place}/threshold_pieces", "THRESHOLD_TWICE")
        elif tier.threshold_fen is not None and tier.amount_fen >= tier.threshold_fen:
            yield Wrong(f"/tiers/{place}/amount_fen", "TAKES_TOO_MUCH")
    yield from _falling("threshold_fen", tiers)
    yield from _falling("threshold_pieces", tiers)


def _falling(measure: str, tiers: Sequence[Tier]) -> Iterator[Wrong]:
    # In whatever order they are named: more must be asked for more, and nothing asked twice.
    counted = [(getattr(tier, measure), place) for place, tier in enumerate(tiers)]
    ordered = sorted((asked, place) for asked, place in counted if asked is not None)
    for (less, before), (more, after) in pairwise(ordered):
        if more == less or tiers[after].amount_fen <= tiers[before].amount_fen:
            yield Wrong(f"/tiers/{after}/amount_fen", "TIERS_NOT_RISING")
