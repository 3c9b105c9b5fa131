"""The lives of payments and refunds (`domain.md` 2.0)."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class PaymentState(models.TextChoices):
    """Where a payment stands."""

    INIT = "INIT", "Created|已创建"
    PROCESSING = "PROCESSING", "Waiting for the buyer|等待支付"
    SUCCEEDED = "SUCCEEDED", "Paid|支付成功"
    FAILED = "FAILED", "Failed|支付失败"
    CLOSED = "CLOSED", "Closed|已关闭"
    QUARANTINED = "QUARANTINED", "Held for inspection|金额异常待核查"


@offered
class Instalment(models.TextChoices):
    """Which part of its order a payment is for."""

    WHOLE = "WHOLE", "All of it|全款"
    DEPOSIT = "DEPOSIT", "Deposit|定金"
    BALANCE = "BALANCE", "Balance|尾款"


@offered
class Verdict(models.TextChoices):
    """What came of the money that a payment brought."""

    NONE = "", "None yet|暂无"
    APPLIED = "APPLIED", "Paid the order|已入账"
    LATE = "LATE", "Came too late, given back|超时支付，已退回"
    DUPLICATE = "DUPLICATE", "Paid twice, given back|重复支付，已退回"
    QUARANTINED = "QUARANTINED", "Wrong amount, held|金额不符，已冻结"
    WRONG = "WRONG", "Wrong amount, given back|金额不符，已退回"


@offered
class RefundState(models.TextChoices):
    """Where a refund stands."""

    REQUESTED = "REQUESTED", "Requested|已申请"
    SUCCEEDED = "SUCCEEDED", "Refunded|已退款"
    PARKED = "PARKED", "Waits for a person|等待人工处理"


@offered
class RefundReason(models.TextChoices):
    """Why money goes back."""

    ORDER_CANCELLED = "ORDER_CANCELLED", "The order was cancelled|订单取消"
    LATE_PAYMENT = "LATE_PAYMENT", "The payment came too late|超时支付"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT", "The order was paid twice|重复支付"
    WRONG_AMOUNT = "WRONG_AMOUNT", "The amount was wrong|金额不符"
    SELLER_DEFAULT = "SELLER_DEFAULT", "The shop cannot deliver|商家无法履约"
    # Paid by the shop on top of what the buyer gets back.
    COMPENSATION = "COMPENSATION", "Compensation by the shop|商家赔付"
    TEAM_FAILED = "TEAM_FAILED", "The team did not fill|拼团未成功"


PAYMENT = Machine(
    "payment",
    {
        (PaymentState.INIT, "start"): PaymentState.PROCESSING,
        (PaymentState.INIT, "succeed"): PaymentState.SUCCEEDED,
        (PaymentState.PROCESSING, "succeed"): PaymentState.SUCCEEDED,
        # A provider may take money for what we thought was over: it is accepted, then refunded.
        (PaymentState.CLOSED, "succeed"): PaymentState.SUCCEEDED,
        (PaymentState.FAILED, "succeed"): PaymentState.SUCCEEDED,
        (PaymentState.INIT, "fail"): PaymentState.FAILED,
        (PaymentState.PROCESSING, "fail"): PaymentState.FAILED,
        (PaymentState.INIT, "close"): PaymentState.CLOSED,
        (PaymentState.PROCESSING, "close"): PaymentState.CLOSED,
        (PaymentState.INIT, "quarantine"): PaymentState.QUARANTINED,
        (PaymentState.PROCESSING, "quarantine"): PaymentState.QUARANTINED,
        (PaymentState.CLOSED, "quarantine"): PaymentState.QUARANTINED,
        (PaymentState.FAILED, "quarantine"): PaymentState.QUARANTINED,
        # The provider was asked again, and its books decide.
        (PaymentState.QUARANTINED, "succeed"): PaymentState.SUCCEEDED,
        (PaymentState.QUARANTINED, "close"): PaymentState.CLOSED,
    },
)

REFUND = Machine(
    "refund",
    {
        (RefundState.REQUESTED, "succeed"): RefundState.SUCCEEDED,
        (RefundState.REQUESTED, "park"): RefundState.PARKED,
        (RefundState.PARKED, "rerun"): RefundState.REQUESTED,
    },
)

# What a provider must be asked about before an order may be closed.
UNSETTLED_STATES = (PaymentState.INIT, PaymentState.PROCESSING, PaymentState.QUARANTINED)
