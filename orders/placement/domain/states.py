"""The lives of an order and of each shop's part of it (`domain.md` 2.0)."""

from django.db.models import TextChoices

from core.http.enums import offered
from core.states import Machine


@offered
class OrderState(TextChoices):
    """Where a whole order stands."""

    PENDING_PAYMENT = "PENDING_PAYMENT", "To be paid|待付款"
    PAID = "PAID", "Paid|已付款"
    COMPLETED = "COMPLETED", "Completed|已完成"
    CANCELLED = "CANCELLED", "Cancelled|已取消"
    CLOSED = "CLOSED", "Closed|已关闭"


class WaitsFor(TextChoices):
    """What must still come, besides the money, before an order's goods may go."""

    NOTHING = "", "Nothing"
    TEAM = "TEAM", "Its team"
    PRESALE = "PRESALE", "Its pre-sale"


@offered
class ShopOrderState(TextChoices):
    """Where one shop's part of an order stands."""

    PENDING_PAYMENT = "PENDING_PAYMENT", "To be paid|待付款"
    WAIT_BALANCE = "WAIT_BALANCE", "Deposit paid, balance to be paid|已付定金待付尾款"
    PAID = "PAID", "Paid|已付款"
    WAIT_TEAM = "WAIT_TEAM", "Paid, waits for its team|已付款待成团"
    TO_SHIP = "TO_SHIP", "To be shipped|待发货"
    PARTLY_SHIPPED = "PARTLY_SHIPPED", "Partly shipped|部分发货"
    SHIPPED = "SHIPPED", "Shipped|已发货"
    SIGNED = "SIGNED", "Signed for|已签收"
    COMPLETED = "COMPLETED", "Completed|已完成"
    CANCELLED = "CANCELLED", "Cancelled|已取消"
    CLOSED = "CLOSED", "Closed|已关闭"


ORDER = Machine(
    "order",
    {
        (OrderState.PENDING_PAYMENT, "pay"): OrderState.PAID,
        (OrderState.PENDING_PAYMENT, "cancel"): OrderState.CANCELLED,
        (OrderState.PAID, "complete"): OrderState.COMPLETED,
        (OrderState.PAID, "close"): OrderState.CLOSED,
    },
)

SHOP_ORDER = Machine(
    "shop_order",
    {
        (ShopOrderState.PENDING_PAYMENT, "pay"): ShopOrderState.PAID,
        (ShopOrderState.PENDING_PAYMENT, "cancel"): ShopOrderState.CANCELLED,
        (ShopOrderState.PENDING_PAYMENT, "pay_deposit"): ShopOrderState.WAIT_BALANCE,
        (ShopOrderState.WAIT_BALANCE, "pay"): ShopOrderState.PAID,
        (ShopOrderState.WAIT_BALANCE, "cancel"): ShopOrderState.CANCELLED,
        (ShopOrderState.PENDING_PAYMENT, "pay_for_team"): ShopOrderState.WAIT_TEAM,
        (ShopOrderState.WAIT_TEAM, "release"): ShopOrderState.PAID,
        (ShopOrderState.WAIT_TEAM, "close"): ShopOrderState.CLOSED,
        (ShopOrderState.PAID, "plan"): ShopOrderState.TO_SHIP,
        (ShopOrderState.PAID, "close"): ShopOrderState.CLOSED,
        (ShopOrderState.TO_SHIP, "close"): ShopOrderState.CLOSED,
        (ShopOrderState.TO_SHIP, "ship_part"): ShopOrderState.PARTLY_SHIPPED,
        (ShopOrderState.TO_SHIP, "ship"): ShopOrderState.SHIPPED,
        (ShopOrderState.PARTLY_SHIPPED, "ship"): ShopOrderState.SHIPPED,
        (ShopOrderState.SHIPPED, "sign"): ShopOrderState.SIGNED,
        (ShopOrderState.SIGNED, "complete"): ShopOrderState.COMPLETED,
    },
)

# Nobody has handed anything to a carrier yet: the whole can still be undone.
BEFORE_HAND_OVER = frozenset(
    {ShopOrderState.WAIT_TEAM, ShopOrderState.PAID, ShopOrderState.TO_SHIP}
)
OVER = frozenset({ShopOrderState.COMPLETED, ShopOrderState.CANCELLED, ShopOrderState.CLOSED})
