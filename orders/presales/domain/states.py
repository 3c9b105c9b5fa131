"""The lives of a pre-sale and of an order in it (`domain.md` 2.5)."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class PresaleKind(models.TextChoices):
    """How a pre-sale is paid."""

    FULL_PAY = "FULL_PAY", "All at once|全款预售"
    DEPOSIT = "DEPOSIT", "Deposit and balance|定金预售"


@offered
class DefaultRule(models.TextChoices):
    """What a buyer gets whose shop cannot deliver."""

    DOUBLE = "DOUBLE", "The deposit twice|双倍返还定金"
    SINGLE = "SINGLE", "All that was paid, with a fixed compensation|退款并按约定赔付"


@offered
class PresaleState(models.TextChoices):
    """Whether the shop can deliver what it sold before."""

    OPEN = "OPEN", "As promised|正常"
    DEFAULTED = "DEFAULTED", "Cannot be delivered, being refunded|无法履约，退款中"
    SETTLED = "SETTLED", "Could not be delivered, refunded|无法履约，已退款"


@offered
class PreorderState(models.TextChoices):
    """Where one order of a pre-sale stands."""

    WHOLE_DUE = "WHOLE_DUE", "To be paid|待付全款"
    DEPOSIT_DUE = "DEPOSIT_DUE", "Deposit to be paid|待付定金"
    DEPOSIT_PAID = "DEPOSIT_PAID", "Deposit paid|已付定金"
    BALANCE_DUE = "BALANCE_DUE", "Balance to be paid|待付尾款"
    PAID = "PAID", "Paid, waits for its time|已付款待发货期"
    TO_SHIP = "TO_SHIP", "Goes its way|进入发货"
    FORFEITED = "FORFEITED", "Balance not paid, deposit lost|逾期未付尾款，定金不退"
    REFUNDED = "REFUNDED", "Refunded|已退款"
    CANCELLED = "CANCELLED", "Never paid|未付款已取消"


PRESALE = Machine(
    "presale",
    {
        (PresaleState.OPEN, "default"): PresaleState.DEFAULTED,
        (PresaleState.DEFAULTED, "settle"): PresaleState.SETTLED,
    },
)

PREORDER = Machine(
    "preorder",
    {
        (PreorderState.WHOLE_DUE, "pay"): PreorderState.PAID,
        (PreorderState.WHOLE_DUE, "cancel"): PreorderState.CANCELLED,
        (PreorderState.DEPOSIT_DUE, "pay_deposit"): PreorderState.DEPOSIT_PAID,
        (PreorderState.DEPOSIT_DUE, "cancel"): PreorderState.CANCELLED,
        (PreorderState.DEPOSIT_PAID, "open_balance"): PreorderState.BALANCE_DUE,
        # The window is judged by its instants: a late sweep is in nobody's way.
        (PreorderState.DEPOSIT_PAID, "pay"): PreorderState.PAID,
        (PreorderState.DEPOSIT_PAID, "forfeit"): PreorderState.FORFEITED,
        (PreorderState.DEPOSIT_PAID, "refund"): PreorderState.REFUNDED,
        (PreorderState.BALANCE_DUE, "pay"): PreorderState.PAID,
        (PreorderState.BALANCE_DUE, "forfeit"): PreorderState.FORFEITED,
        (PreorderState.BALANCE_DUE, "refund"): PreorderState.REFUNDED,
        (PreorderState.PAID, "release"): PreorderState.TO_SHIP,
        (PreorderState.PAID, "refund"): PreorderState.REFUNDED,
        (PreorderState.TO_SHIP, "refund"): PreorderState.REFUNDED,
    },
)

# Its money is still awaited.
UNPAID = (
    PreorderState.WHOLE_DUE,
    PreorderState.DEPOSIT_DUE,
    PreorderState.DEPOSIT_PAID,
    PreorderState.BALANCE_DUE,
)
# A deposit is held that is nobody's yet.
HELD = (PreorderState.DEPOSIT_PAID, PreorderState.BALANCE_DUE)
PAID = (PreorderState.PAID, PreorderState.TO_SHIP)
OVER = (PreorderState.FORFEITED, PreorderState.REFUNDED, PreorderState.CANCELLED)
