"""What every payment provider must be able to do; no call may happen inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from core.errors import DomainError


class SignatureInvalid(DomainError):
    """The signature of this message is not valid."""

    code = "SIGNATURE_INVALID"
    zh = "消息签名无效。"
    status = 401


class ProviderUnavailable(DomainError):
    """The payment provider does not answer; please try again soon."""

    code = "PROVIDER_UNAVAILABLE"
    zh = "支付渠道暂时没有响应，请稍后再试。"
    status = 503
    retry_after_s = 5


class RefundRefused(DomainError):
    """The payment provider refuses this refund."""

    code = "REFUND_REFUSED"
    zh = "支付渠道拒绝了这笔退款。"


class ChargeState(StrEnum):
    """What a provider says about a charge."""

    PENDING = "PENDING"
    PAID = "PAID"
    CLOSED = "CLOSED"
    FAILED = "FAILED"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's word on a charge; the money fields count only when it is PAID."""

    state: ChargeState
    amount_fen: int = 0
    transaction: str = ""
    captured_at: datetime | None = None
    refunded_fen: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A callback that was checked: who was paid, how much, under which event."""

    event_id: str
    payment_reference: str
    answer: Answer


class Provider(Protocol):
    """A payment provider. Every call may raise ProviderUnavailable and may be repeated."""

    name: ClassVar[str]

    def create(
        self, *, reference: str, amount_fen: int, description: str, now: datetime
    ) -> Mapping[str, str]:
        """Open a charge under our reference; return what the buyer's client needs to pay it."""
        ...

    def query(self, *, reference: str) -> Answer:
        """Ask what became of a charge."""
        ...

    def close(self, *, reference: str) -> Answer:
        """Ask to close a charge; the answer says whether it was paid before."""
        ...

    def refund(
        self, *, reference: str, refund_reference: str, amount_fen: int, now: datetime
    ) -> None:
        """Give money back, once per refund reference.

        Raises:
            RefundRefused: the provider says no for good.
        """
        ...

    def compensate(
        self, *, reference: str, refund_reference: str, amount_fen: int, now: datetime
    ) -> None:
        """Pay whoever paid a charge something on top of it, once per reference.

        Raises:
            RefundRefused: the provider says no for good.
        """
        ...

    def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Check a callback's signature and age, then read it.

        Raises:
            SignatureInvalid: it was not sent by the provider, or too long ago.
        """
        ...
