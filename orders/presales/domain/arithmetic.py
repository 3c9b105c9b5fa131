"""The arithmetic of pre-sales: what is due when, and how much may be promised (`domain.md` 2.5)."""

from dataclasses import dataclass
from datetime import datetime

from core.money import BASIS_POINTS
from marketplace.activities.domain.kinds import DEPOSIT_TIMES_MIN
from orders.presales.domain.states import DefaultRule

FORECAST_G_MAX = 1_000_000_000_000
REASON_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Instalments:
    """What is paid first, what later, and what the shop takes off because of the deposit."""

    deposit_fen: int
    balance_fen: int
    discount_fen: int

    @property
    def total_fen(self) -> int:
        """Return what the buyer pays in all."""
        return self.deposit_fen + self.balance_fen


def instalments(
    *,
    price_fen: int,
    quantity: int,
    deposit_fen: int,
    worth_fen: int,
    freight_fen: int = 0,
    coupons_fen: int = 0,
) -> Instalments:
    """Return how an order is paid: `balance = price - worth + freight - coupons`.

    Price, deposit and worth are those of one piece. Coupons never reach the deposit.
    """
    return Instalments(
        deposit_fen=deposit_fen * quantity,
        balance_fen=(price_fen - worth_fen) * quantity + freight_fen - coupons_fen,
        discount_fen=(worth_fen - deposit_fen) * quantity,
    )


def deposit_max_fen(price_fen: int, more_fen: int) -> int:
    """Return the largest deposit of a piece whose deposit is worth so much more than itself.

    It is a fifth of what the piece then costs in all.
    """
    return max(price_fen - more_fen, 0) // DEPOSIT_TIMES_MIN


def promised_max_g(forecast_g: int, factor_bp: int) -> int:
    """Return how much of a forecast harvest may be sold before it is there."""
    return forecast_g * factor_bp // BASIS_POINTS


def compensation_fen(rule: str, deposit_fen: int, agreed_fen: int) -> int:
    """Return what a shop that cannot deliver a piece pays beside what goes back."""
    return deposit_fen if rule == DefaultRule.DOUBLE else agreed_fen


def counts(paid_at: datetime, balance_until: datetime | None) -> bool:
    """Tell whether a balance is in time, by the provider's clock and not by ours."""
    return balance_until is None or paid_at < balance_until
