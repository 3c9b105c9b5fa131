"""Counting tries at the console's door, and shutting it after too many.

Counted in rows and before the password is looked at, so that the limit is exact however many try
at once and whether or not Redis answers. A wrong code of the second factor counts as well.
"""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, QuerySet

from core.accounts import sealing
from core.accounts.domain.guarding import COUNT, CountKind
from core.accounts.models import SignInCount, User
from core.accounts.services import codes
from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance
from core.errors import DomainError
from core.transactions import entry, needs_transaction

WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
# Many colleagues may share an address; nobody shares an account.
FAILURES_MAX = {CountKind.ACCOUNT: 5, CountKind.ADDRESS: 20}
KEPT = timedelta(days=90)


class DoorLocked(DomainError):
    """Too many failed sign-ins; the door stays shut for a while."""

    code = "CONSOLE_LOCKED"
    zh = "登录失败次数过多，请稍后再试，或请主管解锁。"
    status = 429


@dataclass(frozen=True, slots=True)
class Try:
    """One try at the door that was counted: the rows that counted it, the account's first."""

    counts: tuple[int, ...]


@entry
def begin(name: str, *, remote_address: str, now: datetime) -> Try:
    """Count a try before it is judged.

    Raises:
        DoorLocked: for this account or from this address.
    """
    account = name.strip().casefold()
    user_id = User.objects.filter(username=name.strip()).values_list("pk", flat=True).first()
    place = _place_of(remote_address)
    # Always in this order; a refusal by the second takes the count of the first back.
    return Try(
        (
            _count(CountKind.ACCOUNT, account, now, user_id=user_id),
            _count(CountKind.ADDRESS, place, now, address=place),
        )
    )


@entry
def succeed(tried: Try) -> None:
    """Forget the failures of an account, and take the one try back from its address."""
    account, address = tried.counts
    SignInCount.objects.filter(pk=account).update(failures=0)
    # Not all of them: somebody with one good account must not go on guessing at others.
    SignInCount.objects.filter(pk=address, failures__gt=0).update(failures=F("failures") - 1)


@entry
def fail(tried: Try, *, now: datetime) -> None:
    """Shut the door where this was the last try."""
    for count in tried.counts:
        for kind, most in FAILURES_MAX.items():
            full = SignInCount.objects.filter(pk=count, kind=kind, failures__gte=most)
            advance(
                full, COUNT, "lock", actor=SYSTEM, now=now, reason="failed sign-ins",
                locked_until=now + LOCKED_FOR,
            )  # fmt: skip


@needs_transaction
def unlock(ids: Sequence[int], *, actor: Actor, now: datetime, reason: str = "") -> list[int]:
    """Open the door again before its time; return which of them were shut."""
    chosen = SignInCount.objects.filter(pk__in=ids)
    return _open(chosen, "unlock", actor=actor, now=now, reason=reason)


@entry
def forget_counts(*, now: datetime, limit: int = 5_000) -> int:
    """Delete counts that are long over."""
    old = SignInCount.objects.filter(counted_from__lt=now - KEPT).order_by("counted_from")
    chosen = list(old.values_list("pk", flat=True)[:limit])
    return SignInCount.objects.filter(pk__in=chosen).delete()[0]


def _count(
    kind: CountKind, text: str, now: datetime, *, user_id: int | None = None, address: str = ""
) -> int:
    key = sealing.blind_index(f"sign-in {kind}", text)
    run_out = SignInCount.objects.filter(kind=kind, key=key, locked_until__lte=now)
    _open(run_out, "run_out", actor=SYSTEM, now=now)
    params: dict[str, str | int | datetime | None] = {
        "kind": kind.value,
        "key": key,
        "user": user_id,
        "address": address,
        "now": now,
        "stale": now - WINDOW,
        "most": FAILURES_MAX[kind],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO accounts_signincount AS known
                (kind, key, user_id, address, state, failures, counted_from)
            VALUES (%(kind)s, %(key)s, %(user)s, %(address)s, 'COUNTING', 1, %(now)s)
            ON CONFLICT (kind, key) DO UPDATE SET
                user_id = excluded.user_id,
                counted_from = CASE WHEN known.counted_from <= %(stale)s OR known.failures = 0
                    THEN excluded.counted_from ELSE known.counted_from END,
                failures = CASE WHEN known.counted_from <= %(stale)s
                    THEN 1 ELSE known.failures + 1 END
            WHERE {_guard()}
            RETURNING id
            """,  # noqa: S608
            params,
        )
        counted = cursor.fetchone()
    if counted is None:
        raise DoorLocked(retry_after_s=_seconds_left(kind, key, now))
    # A count has no birth in the log: whoever attacks would write there by the thousand.
    return int(counted[0])


def _guard() -> str:
    return """known.state = 'COUNTING'
        AND (known.counted_from <= %(stale)s OR known.failures < %(most)s)"""


def _open(
    rows: QuerySet[SignInCount], action: str, *, actor: Actor, now: datetime, reason: str = ""
) -> list[int]:
    return advance(
        rows, COUNT, action, actor=actor, now=now, reason=reason, failures=0, locked_until=None
    )


def _seconds_left(kind: CountKind, key: str, now: datetime) -> int:
    row = SignInCount.objects.get(kind=kind, key=key)
    return max(
        1, math.ceil(((row.locked_until or row.counted_from + WINDOW) - now).total_seconds())
    )


def _place_of(remote_address: str) -> str:
    """Return what one person cannot change at will: an IPv4 address, or a network of IPv6."""
    try:
        address = ipaddress.ip_address(remote_address)
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else codes.network_of(remote_address)
