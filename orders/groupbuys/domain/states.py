"""The lives of a team and of a seat in it (`domain.md` 2.3)."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class TeamState(models.TextChoices):
    """Where a team stands."""

    OPENING = "OPENING", "Its leader is to pay|待团长付款"
    FORMING = "FORMING", "Forming|拼团中"
    SUCCEEDED = "SUCCEEDED", "Complete|已成团"
    FAILED = "FAILED", "Failed|未成团"


@offered
class MemberState(models.TextChoices):
    """Where one person's seat in a team stands."""

    LOCKED = "LOCKED", "To be paid|待付款"
    PAID = "PAID", "Paid|已付款"
    REFUNDING = "REFUNDING", "Being refunded|退款中"
    REFUNDED = "REFUNDED", "Refunded|已退款"
    RELEASED = "RELEASED", "Given up|已释放"
    # Nobody sits here: the shop let the team be complete without.
    VIRTUAL = "VIRTUAL", "Left empty by the shop|虚拟成团"


@offered
class Failure(models.TextChoices):
    """Why a team failed."""

    NONE = "", "It has not|未失败"
    EXPIRED = "EXPIRED", "Not enough people in time|人数不足，已过期"
    CANCELLED = "CANCELLED", "Everybody left|成员全部退出"
    STOCK_OUT = "STOCK_OUT", "The shop cannot deliver|商家缺货"


@offered
class VirtualMode(models.TextChoices):
    """Whether a shop lets teams that are nearly full succeed."""

    NONE = "NONE", "Never|不开启"
    RATIO = "RATIO", "From a share of the seats on|按比例"


TEAM = Machine(
    "team",
    {
        (TeamState.OPENING, "open"): TeamState.FORMING,
        (TeamState.OPENING, "fail"): TeamState.FAILED,
        (TeamState.FORMING, "succeed"): TeamState.SUCCEEDED,
        (TeamState.FORMING, "fail"): TeamState.FAILED,
    },
)

MEMBER = Machine(
    "team_member",
    {
        (MemberState.LOCKED, "pay"): MemberState.PAID,
        (MemberState.LOCKED, "release"): MemberState.RELEASED,
        (MemberState.PAID, "leave"): MemberState.REFUNDING,
        (MemberState.REFUNDING, "refund"): MemberState.REFUNDED,
    },
)

# A seat of somebody in a team; in these they cannot be in another team of the same group buy.
SEATED = (MemberState.LOCKED, MemberState.PAID)
# What a team may still become.
UNDECIDED = (TeamState.OPENING, TeamState.FORMING)
