"""When a claim or an order is not what it seems: pure rules over what was seen before."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from core.http.enums import offered


@offered
class Deed(models.TextChoices):
    """What somebody does."""

    CLAIM = "CLAIM", "Claims a coupon|领券"
    ORDER = "ORDER", "Places an order|下单"


@offered
class Outcome(models.TextChoices):
    """What becomes of a deed."""

    ALLOW = "ALLOW", "Allowed|放行"
    REVIEW = "REVIEW", "To be looked at|待复核"
    REFUSE = "REFUSE", "Refused|拒绝"


class Code(models.TextChoices):
    """Which rule spoke; a refusal's code is the same."""

    NONE = "", "None|无"
    TOO_FAST = "DEEDS_TOO_FAST", "Too many at once|操作过于频繁"
    DEVICE = "DEVICE_CROWDED", "Many people on one device|同一设备账号过多"
    ADDRESS = "ADDRESS_CROWDED", "Many people at one address|同一收货信息账号过多"
    NETWORK = "NETWORK_CROWDED", "Many people on one network|同一网络账号过多"
    OWN_SHOP = "OWN_SHOP_PURCHASE", "Buys from the own shop|购买本店商品"
    NOT_NEW = "NOT_A_NEW_USER", "Somebody here was new before|非新用户"


@dataclass(frozen=True, slots=True)
class Seen:
    """What there was before: deeds of this person lately, and how many others shared a mark."""

    deeds_in_a_minute: int = 0
    others_on_device: int = 0
    others_at_address: int = 0
    others_on_network: int = 0
    newcomers_here: int = 0
    buys_from_itself: bool = False
    spends_coupons: bool = False
    is_as_newcomer: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How many others are looked at, and how many are too many; times `factor` for a trial."""

    factor: int = 1

    deeds_in_a_minute = 30
    device_review, device_refuse = 3, 10
    address_review, address_refuse = 5, 20
    network_review = 200

    @property
    def most(self) -> int:
        """Return beyond which count nothing changes any more."""
        return (self.network_review + 1) * self.factor


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a deed, and by which rule."""

    outcome: Outcome = Outcome.ALLOW
    code: Code = Code.NONE


def judge(seen: Seen, limits: Limits) -> Verdict:
    """Return the verdict of the first rule that refuses, else of the first that wants a look."""
    verdicts = list(_verdicts(seen, limits))
    for outcome in (Outcome.REFUSE, Outcome.REVIEW):
        for verdict in verdicts:
            if verdict.outcome == outcome:
                return verdict
    return Verdict()


def _verdicts(seen: Seen, limits: Limits) -> Iterator[Verdict]:
    times = limits.factor
    if seen.deeds_in_a_minute >= limits.deeds_in_a_minute * times:
        yield Verdict(Outcome.REFUSE, Code.TOO_FAST)
    if seen.buys_from_itself:
        # One's own goods may be bought, but not at somebody else's cost.
        yield Verdict(Outcome.REFUSE if seen.spends_coupons else Outcome.REVIEW, Code.OWN_SHOP)
    if seen.is_as_newcomer and seen.newcomers_here >= times:
        yield Verdict(Outcome.REFUSE, Code.NOT_NEW)
    yield from _crowd(
        seen.others_on_device,
        limits.device_review * times,
        limits.device_refuse * times,
        Code.DEVICE,
    )
    yield from _crowd(
        seen.others_at_address,
        limits.address_review * times,
        limits.address_refuse * times,
        Code.ADDRESS,
    )
    # Whole schools share one address of a network: that alone is never refused.
    if seen.others_on_network >= limits.network_review * times:
        yield Verdict(Outcome.REVIEW, Code.NETWORK)


def _crowd(others: int, review: int, refuse: int, code: Code) -> Iterator[Verdict]:
    if others >= refuse:
        yield Verdict(Outcome.REFUSE, code)
    elif others >= review:
        yield Verdict(Outcome.REVIEW, code)
