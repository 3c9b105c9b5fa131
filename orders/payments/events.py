"""What payments tell: ids and facts, in the past tense."""

from dataclasses import dataclass

from core.outbox.events import event


@event("payments.refund_paid")
@dataclass(frozen=True, slots=True)
class RefundPaid:
    """The provider has given money of an order back to its buyer."""

    order_reference: str
    refund_reference: str
    reason: str
