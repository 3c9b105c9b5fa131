"""What must hold between orders, payments, refunds and the providers' books."""

from collections.abc import Iterable

from django.db import connection

from core.reconciling import Finding, invariant
from orders.payments.domain.states import PaymentState
from orders.payments.models import Payment
from orders.payments.providers import registry
from orders.payments.providers.protocol import Answer, ChargeState, ProviderUnavailable


def _findings(sql: str) -> Iterable[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for subject, detail in cursor.fetchall():
            yield Finding(subject=str(subject), detail=str(detail))


@invariant("payments.paid_orders_have_one_payment")
def paid_orders_have_one_payment() -> Iterable[Finding]:
    """Every order has applied payments of what is paid of it: its deposit, or all of it."""
    return _findings("""
        SELECT 'order ' || number, 'paid ' || due_fen || ', payments brought ' || brought_fen
        FROM (
            SELECT o.number, coalesce(sum(p.captured_fen), 0) AS brought_fen,
                   CASE WHEN o.paid_at IS NOT NULL THEN o.payable_fen ELSE o.deposit_fen END
                       AS due_fen
            FROM placement_order o
            LEFT JOIN payments_payment p ON p.order_id = o.id AND p.verdict = 'APPLIED'
            WHERE o.paid_at IS NOT NULL OR o.deposit_paid_at IS NOT NULL
            GROUP BY o.id
        ) AS found
        WHERE brought_fen <> due_fen
    """)


@invariant("payments.applied_payments_have_paid_orders")
def applied_payments_have_paid_orders() -> Iterable[Finding]:
    """No applied payment stands beside an order that never noticed."""
    return _findings("""
        SELECT 'payment ' || p.reference, 'its order is ' || o.state
        FROM payments_payment p JOIN placement_order o ON o.id = p.order_id
        WHERE p.verdict = 'APPLIED' AND CASE p.instalment
            WHEN 'DEPOSIT' THEN o.deposit_paid_at IS NULL ELSE o.paid_at IS NULL END
    """)


@invariant("payments.refunds_explain_refunded")
def refunds_explain_refunded() -> Iterable[Finding]:
    """What a payment says it gives back is the sum of its refunds, compensations left out."""
    return _findings("""
        SELECT 'payment ' || p.reference, 'says ' || p.refunded_fen || ', refunds say '
               || coalesce(sum(r.amount_fen), 0)
        FROM payments_payment p LEFT JOIN payments_refund r
            ON r.payment_id = p.id AND r.reason <> 'COMPENSATION'
        GROUP BY p.id HAVING coalesce(sum(r.amount_fen), 0) <> p.refunded_fen
    """)


@invariant("payments.useless_money_goes_back")
def useless_money_goes_back() -> Iterable[Finding]:
    """Money that came late, twice or wrong is on its way back, all of it."""
    return _findings("""
        SELECT 'payment ' || reference, verdict || ': brought ' || captured_fen || ', gives back '
               || refunded_fen
        FROM payments_payment
        WHERE verdict IN ('LATE', 'DUPLICATE', 'WRONG') AND refunded_fen <> captured_fen
    """)


@invariant("payments.ledger_agrees")
def ledger_agrees() -> Iterable[Finding]:
    """A provider's clearing account is what payments brought less what went back."""
    return _findings("""
        WITH books AS (
            SELECT owner AS provider, sum(amount_fen) AS fen FROM ledger_posting
            WHERE account = 'PROVIDER_CLEARING' AND owner <> '' GROUP BY owner
        ), ours AS (
            SELECT p.provider, sum(p.captured_fen) - coalesce(sum(
                (SELECT sum(r.amount_fen) FROM payments_refund r
                 WHERE r.payment_id = p.id AND r.state = 'SUCCEEDED')), 0) AS fen
            FROM payments_payment p GROUP BY p.provider
        )
        SELECT 'provider ' || coalesce(books.provider, ours.provider),
               'ledger ' || coalesce(books.fen, 0) || ', payments ' || coalesce(ours.fen, 0)
        FROM books FULL JOIN ours USING (provider)
        WHERE coalesce(books.fen, 0) <> coalesce(ours.fen, 0)
    """)


@invariant("payments.provider_agrees")
def provider_agrees() -> Iterable[Finding]:
    """The providers' own books show the captures and refunds that ours show."""
    settled = Payment.objects.exclude(
        state__in=(PaymentState.INIT, PaymentState.PROCESSING, PaymentState.QUARANTINED)
    )
    for payment in settled.iterator(chunk_size=500):
        try:
            answer = registry.provider(payment.provider).query(reference=str(payment.reference))
        except ProviderUnavailable:
            yield Finding(f"payment {payment.reference}", "the provider does not answer")
            continue
        difference = _difference(payment, answer)
        if difference:
            yield Finding(f"payment {payment.reference}", difference)


def _difference(payment: Payment, answer: Answer) -> str:
    theirs_fen = answer.amount_fen if answer.state is ChargeState.PAID else 0
    if theirs_fen != payment.captured_fen:
        return f"ours {payment.captured_fen}, the provider's {theirs_fen}"
    if answer.refunded_fen > payment.refunded_fen:
        return f"we refund {payment.refunded_fen}, the provider gave back {answer.refunded_fen}"
    return ""
