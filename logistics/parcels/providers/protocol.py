"""What every carrier must be able to do; no call may happen inside a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from core.errors import DomainError
from logistics.parcels.domain.states import Scan


class CarrierSignatureInvalid(DomainError):
    """The carrier's signature on this message is not valid."""

    code = "CARRIER_SIGNATURE_INVALID"
    zh = "承运商消息签名无效。"
    status = 401


class CarrierUnavailable(DomainError):
    """The carrier does not answer; we will ask again."""

    code = "CARRIER_UNAVAILABLE"
    zh = "承运商暂时没有响应，我们会再次询问。"
    status = 503
    retry_after_s = 5


class CarrierRefused(DomainError):
    """The carrier refuses for good."""

    code = "CARRIER_REFUSED"
    zh = "承运商拒绝了该请求。"


@dataclass(frozen=True, slots=True)
class Consignment:
    """What a carrier needs to know to fetch and bring a parcel."""

    reference: str
    sender: str
    sender_region: str
    recipient: str
    phone: str
    region: str
    street: str
    gross_g: int
    temp_class: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A callback that was checked: what happened to which of our parcels."""

    parcel_reference: str
    scans: Sequence[Scan]


class Carrier(Protocol):
    """A carrier. Every call may raise CarrierUnavailable and may be repeated."""

    name: ClassVar[str]

    def book(self, consignment: Consignment, *, now: datetime) -> str:
        """Order a pick-up; return the waybill number, always the same for one reference.

        Raises:
            CarrierRefused: it will not carry this.
        """
        ...

    def cancel(self, *, reference: str, now: datetime) -> None:
        """Call a pick-up off; one that was never ordered counts as called off.

        Raises:
            CarrierRefused: it has collected the parcel already.
        """
        ...

    def track(self, *, reference: str, now: datetime) -> Sequence[Scan]:
        """Return everything reported on a parcel so far, and ask to be told what follows."""
        ...

    def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Check a callback's signature and age, then read it.

        Raises:
            CarrierSignatureInvalid: the carrier did not send it, or too long ago.
            InvalidInput: it cannot be read.
        """
        ...
