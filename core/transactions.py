"""One durable transaction per entry; building blocks insist on being inside one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

from core.errors import Busy, DomainError

LOCK_TIMEOUT_MS = 3_000
TRIES_MAX = 3

P = ParamSpec("P")
T = TypeVar("T")

_DEADLOCK, _SERIALIZATION, _LOCK_TIMEOUT = "40P01", "40001", "55P03"
# Connection failures; shut down, crashed or still starting; too many connections.
_AWAY = ("08", "57P01", "57P02", "57P03", "53300")


class TransactionMissing(RuntimeError):
    """A building block was called outside a transaction: open one at the entry."""


def needs_transaction(block: Callable[P, T]) -> Callable[P, T]:
    """Mark a building block: it never opens a transaction and refuses to run without one."""

    @wraps(block)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        if not connection.in_atomic_block:
            raise TransactionMissing(f"{block.__module__}.{block.__qualname__}")
        return block(*args, **kwargs)

    return guarded


def entry(work: Callable[P, T]) -> Callable[P, T]:
    """Run the whole of an entry in one durable transaction with a lock timeout.

    A deadlock or a serialization failure repeats the whole entry, at most twice.

    Raises:
        Busy: somebody else holds a row for longer than the lock timeout.
    """

    @wraps(work)
    def entered(*args: P.args, **kwargs: P.kwargs) -> T:
        def opened() -> T:
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
            return work(*args, **kwargs)

        return in_one_transaction(opened)

    return entered


def in_one_transaction(work: Callable[[], T]) -> T:
    """Run work in a durable transaction; repeat all of it after a deadlock, at most twice.

    The work sets the lock timeout in its own first statement.

    Raises:
        Busy: a lock was not granted in time, or the deadlocks go on.
    """
    for attempt in range(1, TRIES_MAX + 1):
        try:
            with transaction.atomic(durable=True):
                return work()
        except OperationalError as failure:
            _refuse_or_repeat(failure, attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _refuse_or_repeat(failure: OperationalError, attempt: int) -> None:
    state = getattr(failure.__cause__, "sqlstate", None)
    if state not in {_DEADLOCK, _SERIALIZATION, _LOCK_TIMEOUT}:
        raise failure
    if state == _LOCK_TIMEOUT or attempt == TRIES_MAX:
        raise Busy from failure


def is_connection_lost(failure: BaseException) -> bool:
    """Tell whether the database was away, so that whether anything was done is not known."""
    if not isinstance(failure, OperationalError):
        return False
    state = getattr(failure.__cause__, "sqlstate", None)
    # What PostgreSQL never said itself comes from the driver: no answer, or no connection free.
    return state is None or state.startswith(_AWAY)


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Turn the violation of a named constraint into the refusal it stands for."""
    try:
        yield
    except IntegrityError as violation:
        diagnosis = getattr(violation.__cause__, "diag", None)
        name = str(getattr(diagnosis, "constraint_name", None))
        if name not in refusals:
            raise
        refusal = refusals[name]()
        raise refusal from violation
