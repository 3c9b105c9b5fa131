from orders.payments.models.inbox import ProviderEvent
from orders.payments.models.payment import Payment
from orders.payments.models.refund import Refund

__all__ = ["Payment", "ProviderEvent", "Refund"]
