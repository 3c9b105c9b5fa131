"""The provider's desk: what a merchant may ask of it. Every call is its own transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import F, QuerySet

from core.errors import IllegalTransition, NotFound
from core.postgres.reading import rows_of
from core.postgres.recording import as_json, columns_of
from orders.sandbox.models import Charge, ChargeRefund, ChargeState, Notice


class Callback(StrEnum):
    """How the provider is told to behave about the callback of one capture."""

    SEND = "SEND"
    REPEAT = "REPEAT"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the provider answers about a charge; `state` is a ChargeState."""

    state: str
    amount_fen: int
    transaction: str
    captured_at: datetime | None
    refunded_fen: int


_OPEN = f"""
    INSERT INTO sandbox_provider_charge ({columns_of(Charge)})
    SELECT {columns_of(Charge)}
    FROM json_populate_recordset(NULL::sandbox_provider_charge, %s::json)
    ON CONFLICT ON CONSTRAINT sandbox_provider_charge_once_per_reference DO NOTHING
    RETURNING id
"""  # noqa: S608 - put together from our own names.


def charge(
    *, desk: str, reference: str, amount_fen: int, notify_url: str, now: datetime
) -> Statement:
    """Open a charge, or return the one that this reference opened before.

    Raises:
        IllegalTransition: the reference stands for another amount.
    """
    # A merchant that asks twice, or from two places at once, has one charge.
    asked = Charge(
        desk=desk,
        merchant_reference=reference,
        amount_fen=amount_fen,
        notify_url=notify_url,
        created_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [as_json([asked])])
        is_new = cursor.fetchone() is not None
    opened = asked if is_new else _find(desk, reference)
    if opened.amount_fen != amount_fen:
        raise IllegalTransition(subject="sandbox charge", action="charge")
    return _statement(opened)


def look_up(*, desk: str, reference: str) -> Statement:
    """Return what stands in the books.

    Raises:
        NotFound: the reference was never charged.
    """
    return _statement(_find(desk, reference))


def close(*, desk: str, reference: str) -> Statement:
    """Close a charge that nobody paid; a paid one stays paid."""
    Charge.objects.filter(desk=desk, merchant_reference=reference, state=ChargeState.OPEN).update(
        state=ChargeState.CLOSED
    )
    return _statement(_find(desk, reference))


@transaction.atomic(durable=True)
def refund(
    *, desk: str, reference: str, refund_reference: str, amount_fen: int, now: datetime
) -> Statement:
    """Give money back, once per refund reference.

    Raises:
        IllegalTransition: the charge was not captured, or less is left of it.
    """
    found = _locked(desk, reference)
    paid = found.get()
    if not _is_repeated(paid, refund_reference, amount_fen):
        left = found.filter(
            state=ChargeState.CAPTURED, refunded_fen__lte=F("amount_fen") - amount_fen
        )
        if not left.update(refunded_fen=F("refunded_fen") + amount_fen):
            raise IllegalTransition(subject="sandbox charge", action="refund")
        ChargeRefund.objects.create(
            charge=paid,
            merchant_reference=refund_reference,
            amount_fen=amount_fen,
            refunded_at=now,
        )
    return _statement(_find(desk, reference))


@transaction.atomic(durable=True)
def compensate(
    *, desk: str, reference: str, refund_reference: str, amount_fen: int, now: datetime
) -> Statement:
    """Pay whoever paid a charge something of the merchant's money, once per reference.

    Raises:
        IllegalTransition: nobody paid the charge, so nobody can be paid.
    """
    paid = _locked(desk, reference).get()
    if paid.state != ChargeState.CAPTURED:
        raise IllegalTransition(subject="sandbox charge", action="compensate")
    if not _is_repeated(paid, refund_reference, amount_fen):
        ChargeRefund.objects.create(
            charge=paid,
            merchant_reference=refund_reference,
            amount_fen=amount_fen,
            is_on_top=True,
            refunded_at=now,
        )
    return _statement(paid)


def _locked(desk: str, reference: str) -> QuerySet[Charge]:
    found = Charge.objects.select_for_update().filter(desk=desk, merchant_reference=reference)
    if not found.exists():
        raise NotFound
    return found


def _is_repeated(paid: Charge, refund_reference: str, amount_fen: int) -> bool:
    earlier = ChargeRefund.objects.filter(merchant_reference=refund_reference).first()
    if earlier is None:
        return False
    if (earlier.charge_id, earlier.amount_fen) != (paid.pk, amount_fen):
        raise IllegalTransition(subject="sandbox refund", action="refund")
    return True


@transaction.atomic(durable=True)
def capture(
    *,
    reference: str,
    callback: Callback,
    delay_s: int,
    even_if_closed: bool,
    now: datetime,
) -> Statement:
    """Take the buyer's money and owe the merchant the callbacks that were asked for.

    A second capture of the same charge changes nothing.

    Raises:
        NotFound: there is no such charge.
        IllegalTransition: the charge is closed.
    """
    payable = [ChargeState.OPEN, ChargeState.CLOSED] if even_if_closed else [ChargeState.OPEN]
    taken = Charge.objects.filter(merchant_reference=reference, state__in=payable).update(
        state=ChargeState.CAPTURED,
        captured_at=now,
        transaction=f"SB{secrets.token_hex(12).upper()}",
    )
    charges = rows_of(Charge, "WHERE merchant_reference = %s ORDER BY id", [reference])
    if not charges:
        raise NotFound
    found = charges[0]
    if found.state == ChargeState.CLOSED:
        raise IllegalTransition(subject="sandbox charge", action="capture")
    if taken:
        _owe(found, callback, now + timedelta(seconds=delay_s))
    return _statement(found)


def _owe(paid: Charge, callback: Callback, due_at: datetime) -> None:
    if callback is Callback.NEVER:
        return
    amount_fen = paid.amount_fen + 1 if callback is Callback.WRONG_AMOUNT else paid.amount_fen
    event_id = f"EV{secrets.token_hex(12)}"
    copies = 3 if callback is Callback.REPEAT else 1
    Notice.objects.bulk_create(
        Notice(charge=paid, event_id=event_id, amount_fen=amount_fen, due_at=due_at)
        for _ in range(copies)
    )


def _find(desk: str, reference: str) -> Charge:
    found = rows_of(Charge, "WHERE desk = %s AND merchant_reference = %s", [desk, reference])
    if not found:
        raise NotFound
    return found[0]


def _statement(row: Charge) -> Statement:
    return Statement(
        state=row.state,
        amount_fen=row.amount_fen,
        transaction=row.transaction,
        captured_at=row.captured_at,
        refunded_fen=row.refunded_fen,
    )
