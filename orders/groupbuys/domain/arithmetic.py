"""The arithmetic of teams: seats, times, and who leads (`domain.md` 2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.money import BASIS_POINTS
from orders.groupbuys.domain.states import VirtualMode

SIZE_MIN, SIZE_MAX = 2, 100
HOURS_MIN, HOURS_MAX = 1, 240
HOURS_USUAL = 24
# Callbacks of payments that were made in time may come this much later.
GRACE = timedelta(seconds=60)
# Between an order for a seat and its payment, and between a deadline and its sweep.
MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Seats:
    """How the seats of a team are taken: by people who are to pay, who paid, and by nobody."""

    size: int
    locked: int = 0
    paid: int = 0
    virtual: int = 0

    @property
    def free(self) -> int:
        """Return how many more people can sit down."""
        return self.size - self.locked - self.paid - self.virtual

    @property
    def is_full(self) -> bool:
        """Tell whether every seat is paid for, or left empty by the shop's word."""
        return self.paid + self.virtual == self.size

    @property
    def is_deserted(self) -> bool:
        """Tell whether nobody sits here any more."""
        return self.locked + self.paid == 0


@dataclass(frozen=True, slots=True)
class Leadership:
    """Somebody who paid, and when; the earliest leads."""

    member_id: int
    user_id: int
    paid_at: datetime


def is_enough(seats: Seats, mode: str, ratio_bp: int) -> bool:
    """Tell whether a team whose time is over succeeds as it is: `paid / size >= ratio`.

    Whoever is still to pay keeps it open; without RATIO only a full team succeeds.
    """
    if seats.locked:
        return False
    if mode != VirtualMode.RATIO or not seats.paid:
        return seats.is_full
    return seats.paid * BASIS_POINTS >= ratio_bp * seats.size


def next_leader(members: Iterable[Leadership]) -> Leadership | None:
    """Return who leads a team: of those who paid, whoever paid first."""
    return min(members, key=lambda one: (one.paid_at, one.member_id), default=None)


def counts(paid_at: datetime, expires_at: datetime) -> bool:
    """Tell whether a payment is in time, by the provider's clock and not by ours."""
    return paid_at < expires_at


def closes_at(ends_at: datetime, *, team_hours: int, unpaid_minutes: int) -> datetime:
    """Return until when teams that were opened in time may still need the price."""
    return ends_at + timedelta(hours=team_hours, minutes=unpaid_minutes) + GRACE + MARGIN
