"""Noting a claim or an order, and judging it by what was noted before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import connection

from core.accounts.sealing import blind_index
from core.errors import DomainError
from core.transactions import needs_transaction
from marketplace.abuse.domain.marks import Origin, place_of
from marketplace.abuse.domain.rules import Code, Deed, Limits, Outcome, Seen, Verdict, judge
from marketplace.abuse.models import Trace

log = structlog.get_logger("market.abuse")
# From this factor on the limits are those of a trial in which a crowd plays from one place.
TRIAL_FACTOR = 100
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class DeedsTooFast(DomainError):
    """You have done this very often in the last minute; please wait a little."""

    code = "DEEDS_TOO_FAST"
    zh = "操作过于频繁，请稍后再试。"
    status = 429
    retry_after_s = 60


class DeviceCrowded(DomainError):
    """Too many people have done this from this device today."""

    code = "DEVICE_CROWDED"
    zh = "该设备今日使用的账号过多。"


class AddressCrowded(DomainError):
    """Too many people have ordered to this address or recipient today."""

    code = "ADDRESS_CROWDED"
    zh = "该收货地址或收货人今日关联的账号过多。"


class OwnShopPurchase(DomainError):
    """Coupons are not for goods of a shop that one works in."""

    code = "OWN_SHOP_PURCHASE"
    zh = "购买自己店铺的商品不能使用优惠券。"


class NotANewUser(DomainError):
    """This is for new users; you, or somebody else on this device or at this address, are not."""

    code = "NOT_A_NEW_USER"
    zh = "仅限新用户：您已下过单，或该设备、收货地址已享受过新人优惠。"


_REFUSALS: dict[Code, type[DomainError]] = {
    Code.TOO_FAST: DeedsTooFast,
    Code.DEVICE: DeviceCrowded,
    Code.ADDRESS: AddressCrowded,
    Code.OWN_SHOP: OwnShopPurchase,
    Code.NOT_NEW: NotANewUser,
}
# What a deed may be refused for, for the document of the API.
REFUSALS = tuple(_REFUSALS.values())


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where an order goes."""

    phone: str
    region: str
    street: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A claim or an order, as far as it says something about who does it."""

    deed: Deed
    subject: UUID
    user_id: int
    origin: Origin
    delivery: Delivery | None = None
    shop_ids: Collection[int] = ()
    spends_coupons: bool = False
    is_as_newcomer: bool = False


# One statement: the trace, and what was there before it. Each count stops where it makes no
# difference any more, so a deed costs the same however many there were.
_NOTE = """
    INSERT INTO abuse_trace (reference, deed, subject, user_id, device, network, recipient,
        address, is_as_newcomer, outcome, code, at)
    VALUES (%(reference)s, %(deed)s, %(subject)s, %(user)s, %(device)s, %(network)s,
        %(recipient)s, %(address)s, %(as_newcomer)s, 'ALLOW', '', %(now)s)
    RETURNING id,
        (SELECT count(*) FROM (
            SELECT FROM abuse_trace AS past WHERE past.user_id = %(user)s
                AND past.deed = %(deed)s AND past.at > %(minute)s LIMIT %(most)s) AS few),
        (SELECT count(*) FROM (
            SELECT DISTINCT past.user_id FROM abuse_trace AS past WHERE %(device)s <> ''
                AND past.device <> '' AND past.device = %(device)s
                AND past.at > %(day)s AND past.user_id <> %(user)s LIMIT %(most)s) AS few),
        (SELECT count(*) FROM (
            SELECT past.user_id FROM abuse_trace AS past WHERE %(address)s <> ''
                AND past.address <> '' AND past.address = %(address)s
                AND past.at > %(day)s AND past.user_id <> %(user)s
            UNION
            SELECT past.user_id FROM abuse_trace AS past WHERE %(recipient)s <> ''
                AND past.recipient <> '' AND past.recipient = %(recipient)s
                AND past.at > %(day)s AND past.user_id <> %(user)s LIMIT %(most)s) AS few),
        (SELECT count(DISTINCT few.user_id) FROM (
            SELECT past.user_id FROM abuse_trace AS past WHERE %(network)s <> ''
                AND past.network <> '' AND past.network = %(network)s
                AND past.at > %(day)s AND past.user_id <> %(user)s
            ORDER BY past.at DESC LIMIT %(most)s) AS few),
        (SELECT count(*) FROM (
            SELECT FROM abuse_trace AS past WHERE %(as_newcomer)s AND past.is_as_newcomer
                AND past.user_id <> %(user)s AND (
                    %(device)s <> '' AND past.device <> '' AND past.device = %(device)s
                    OR %(address)s <> '' AND past.address <> '' AND past.address = %(address)s
                ) LIMIT %(most)s) AS few),
        EXISTS (SELECT FROM storefronts_shopmember AS member
            WHERE member.user_id = %(user)s AND member.shop_id = ANY(%(shops)s::bigint[]))
"""
_ONE_AT_A_TIME = """
    SELECT pg_advisory_xact_lock(hashtextextended(mark, 0))
    FROM (SELECT unnest(%s::text[]) AS mark ORDER BY mark) AS marks
"""


@needs_transaction
def note(noted: Noted, *, now: datetime) -> Outcome:
    """Note a deed and judge it; what is refused is undone with its trace.

    Raises:
        DeedsTooFast, DeviceCrowded, AddressCrowded, OwnShopPurchase, NotANewUser: as the rules say.
    """
    limits = Limits(settings.MARKETPLACE_LIMITS_FACTOR)
    if limits.factor >= TRIAL_FACTOR:
        return Outcome.ALLOW
    given = _given(noted, limits, now)
    with connection.cursor() as cursor:
        if noted.is_as_newcomer:
            # Of two who are new at one address at once, the second sees the first.
            marks = [mark for mark in (given["device"], given["address"]) if mark]
            cursor.execute(_ONE_AT_A_TIME, [marks])
        cursor.execute(_NOTE, given)
        key, *counts = cursor.fetchone()
    verdict = judge(_seen(noted, counts), limits)
    if verdict.outcome == Outcome.REFUSE:
        log.warning("refused", deed=noted.deed.value, rule=verdict.code.value)
        raise _REFUSALS[verdict.code]
    if verdict.outcome == Outcome.REVIEW:
        _set_aside(key, verdict)
    return verdict.outcome


def _given(noted: Noted, limits: Limits, now: datetime) -> dict[str, Any]:
    going = noted.delivery
    return {
        "reference": uuid4(),
        "deed": noted.deed.value,
        "subject": noted.subject,
        "user": noted.user_id,
        "device": _hash("device", noted.origin.device),
        "network": _hash("network", noted.origin.network),
        "recipient": _hash("recipient", going.phone if going else ""),
        "address": _hash("address", place_of(going.region, going.street) if going else ""),
        "as_newcomer": noted.is_as_newcomer,
        "shops": list(noted.shop_ids),
        "most": limits.most,
        "minute": now - MINUTE,
        "day": now - DAY,
        "now": now,
    }


def _hash(kind: str, text: str) -> str:
    return blind_index(f"abuse {kind}", text) if text else ""


def _seen(noted: Noted, counts: list[Any]) -> Seen:
    deeds, device, address, network, newcomers, is_own = counts
    return Seen(
        deeds_in_a_minute=deeds,
        others_on_device=device,
        others_at_address=address,
        others_on_network=network,
        newcomers_here=newcomers,
        buys_from_itself=is_own,
        spends_coupons=noted.spends_coupons,
        is_as_newcomer=noted.is_as_newcomer,
    )


def _set_aside(key: int, verdict: Verdict) -> None:
    Trace.objects.filter(pk=key).update(outcome=verdict.outcome, code=verdict.code)
