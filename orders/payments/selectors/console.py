"""What an operator may see of payments."""

from typing import Any

from django.db.models import QuerySet

from core.accounts.domain.roles import Role
from core.accounts.selectors import roles
from orders.payments.models import Payment, Refund


def payments_for(user: Any) -> QuerySet[Payment]:
    """Return the payments an operator looks after: all of them, or none."""
    rows = Payment.objects.select_related("order")
    return rows if _is_operator(user) else rows.none()


def refunds_for(user: Any) -> QuerySet[Refund]:
    """Return the refunds an operator looks after: all of them, or none."""
    rows = Refund.objects.select_related("payment__order")
    return rows if _is_operator(user) else rows.none()


def _is_operator(user: Any) -> bool:
    return bool(user.is_superuser) or roles.has(user.pk, Role.OPERATOR)
