"""One-time codes: counted, sent, and used once."""

import ipaddress
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When

from core.accounts import phones, sealing
from core.accounts.models import PhoneCode
from core.accounts.providers import chosen
from core.errors import DomainError
from core.http.limits import Limit, spend_limit
from core.http.refusals import TooMany
from core.periods import SHANGHAI, local_day
from core.transactions import entry, needs_transaction

DIGITS = 6
LIFETIME = timedelta(minutes=5)
ATTEMPTS_MAX = 5
# Counted in rows, because messages cost money even while Redis is away. It is several times what
# one network gets for one phone, so that nobody uses up somebody else's codes from one place.
PER_PHONE, PHONE_WINDOW = 20, timedelta(hours=1)
FROM_ONE_PLACE = Limit("codes.phone", 5, per_s=3600)
# Wrong guesses close a code; somebody elsewhere must not close every code of a phone.
TRIES_FROM_ONE_PLACE = Limit("codes.tries", 10, per_s=3600)
PER_ADDRESS = Limit("codes.address", 20, per_s=3600)
PER_NETWORK = Limit("codes.network", 100, per_s=3600)
IPV4_NETWORK, IPV6_NETWORK = 24, 64


class CodeWrong(DomainError):
    """The code is wrong, has run out, or was used already."""

    code = "CODE_WRONG"
    zh = "验证码错误、已过期或已使用。"
    status = 401


@dataclass(frozen=True, slots=True)
class CodeSent:
    """What the caller may know: the same for phones we know and phones we do not."""

    expires_in_s: int
    sandbox_code: str


def request_code(written_phone: str, *, remote_address: str, now: datetime) -> CodeSent:
    """Send a code to a phone, whoever it belongs to; nobody's account is looked at.

    Raises:
        InvalidInput: it is not a mainland mobile number.
        TooMany: for this phone (from this network, or at all), for this address or network, or for
            the whole market today.
        SmsUnavailable: nothing can be sent.
    """
    phone = phones.normalised(written_phone)
    provider = chosen.sms()
    spend_limit(PER_ADDRESS, remote_address)
    spend_limit(PER_NETWORK, network_of(remote_address))
    spend_limit(FROM_ONE_PLACE, _place_of(phone, remote_address))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    _keep(phones.index_of(phone), code, now)
    # After the commit: a gateway that is slow holds no row.
    shown = provider.send_code(phone, code)
    return CodeSent(int(LIFETIME.total_seconds()), shown)


def network_of(remote_address: str) -> str:
    """Return the network whose addresses one person can change at will."""
    try:
        address = ipaddress.ip_address(remote_address)
    except ValueError:
        return "unknown"
    length = IPV4_NETWORK if address.version == 4 else IPV6_NETWORK
    return str(ipaddress.ip_network((address, length), strict=False))


@entry
def _keep(phone_index: str, code: str, now: datetime) -> None:
    _replace(phone_index, code, now)
    # The row that everybody shares comes last.
    _count_for_the_market(now)


def _replace(phone_index: str, code: str, now: datetime) -> None:
    params: dict[str, str | int | datetime] = {
        "phone": phone_index,
        "digest": _digest_of(phone_index, code),
        "now": now,
        "expires": now + LIFETIME,
        "stale": now - PHONE_WINDOW,
        "most": PER_PHONE * settings.MARKETPLACE_LIMITS_FACTOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_phonecode AS known
                (phone_index, digest, attempts, sent_at, expires_at, counted_from, counted)
            VALUES (%(phone)s, %(digest)s, 0, %(now)s, %(expires)s, %(now)s, 1)
            ON CONFLICT (phone_index) DO UPDATE SET
                digest = excluded.digest, attempts = 0, used_at = NULL,
                sent_at = excluded.sent_at, expires_at = excluded.expires_at,
                counted_from = CASE WHEN known.counted_from <= %(stale)s
                    THEN %(now)s ELSE known.counted_from END,
                counted = CASE WHEN known.counted_from <= %(stale)s
                    THEN 1 ELSE known.counted + 1 END
            WHERE known.counted_from <= %(stale)s OR known.counted < %(most)s
            RETURNING id
            """,
            params,
        )
        if cursor.fetchone() is None:
            raise TooMany(_seconds_until_next(phone_index, now))


def _seconds_until_next(phone_index: str, now: datetime) -> int:
    counted_from = PhoneCode.objects.values_list("counted_from", flat=True).get(
        phone_index=phone_index
    )
    return max(1, math.ceil((counted_from + PHONE_WINDOW - now).total_seconds()))


def _count_for_the_market(now: datetime) -> None:
    day = local_day(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_codeday AS today (day, sent) VALUES (%s, 1)
            ON CONFLICT (day) DO UPDATE SET sent = today.sent + 1 WHERE today.sent < %s
            RETURNING sent
            """,
            [day, settings.MARKETPLACE_CODES_PER_DAY],
        )
        if cursor.fetchone() is None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
            raise TooMany(math.ceil((midnight - now).total_seconds()))


def spend_try(phone: str, *, remote_address: str) -> None:
    """Count a try at a phone's code, right or wrong, from one network.

    Raises:
        TooMany: too many from there in the last hour.
    """
    spend_limit(TRIES_FROM_ONE_PLACE, _place_of(phone, remote_address))


@needs_transaction
def use(phone: str, code: str, *, now: datetime) -> bool:
    """Use up a code; return whether it was the right one.

    A wrong code counts as an attempt, so the caller must commit either way.
    """
    phone_index = phones.index_of(phone)
    right = Case(When(digest=_digest_of(phone_index, code), then=Value(now)), default=F("used_at"))
    chosen_row = _open(phone_index, now)
    if not chosen_row.update(attempts=F("attempts") + 1, used_at=right):
        return False
    # Ours since the update: nobody else can have changed it before we commit.
    return PhoneCode.objects.filter(phone_index=phone_index, used_at__isnull=False).exists()


def _place_of(phone: str, remote_address: str) -> str:
    return f"{phones.index_of(phone)}:{network_of(remote_address)}"


def _open(phone_index: str, now: datetime) -> QuerySet[PhoneCode]:
    return PhoneCode.objects.filter(
        phone_index=phone_index,
        used_at__isnull=True,
        expires_at__gt=now,
        attempts__lt=ATTEMPTS_MAX,
    )


def _digest_of(phone_index: str, code: str) -> str:
    # A million codes are soon tried, so a key is needed to try them.
    return sealing.blind_index("code", f"{phone_index} {code}")
