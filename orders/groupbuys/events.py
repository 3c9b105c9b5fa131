"""What group buys tell: ids and facts, in the past tense."""

from dataclasses import dataclass

from core.outbox.events import event


@event("groupbuys.seat_won")
@dataclass(frozen=True, slots=True)
class SeatWon:
    """The team of a paid order is complete: its goods can go."""

    order_reference: str


@event("groupbuys.seat_lost")
@dataclass(frozen=True, slots=True)
class SeatLost:
    """The team of a paid order has failed: its money goes back."""

    order_reference: str
