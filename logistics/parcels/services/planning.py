"""Turn what was bought into parcels, and call them back while nobody has them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, log_birth
from core.errors import Busy, DomainError
from core.outbox.recording import record
from core.transactions import needs_transaction, refusing
from logistics.parcels.domain.states import PARCEL, ParcelState
from logistics.parcels.events import ParcelCancelled, ParcelHandedOver, ParcelPlanned
from logistics.parcels.models import Parcel, ParcelLine
from logistics.parcels.providers import registry

# The event asks the carrier at once; if that worker dies, the due-service asks after this.
ASK_AGAIN_AFTER = timedelta(seconds=20)


class WaybillTaken(DomainError):
    """Another parcel travels under this waybill number."""

    code = "WAYBILL_TAKEN"
    zh = "该运单号已用于其他包裹。"


class UnknownCarrier(DomainError):
    """There is no carrier with this code."""

    code = "UNKNOWN_CARRIER"
    zh = "没有这个承运商代码。"
    status = 400


@dataclass(frozen=True, slots=True)
class Content:
    """So many pieces of an order line, and what they weigh altogether."""

    line_reference: str
    sku_reference: str
    title: str
    quantity: int
    gross_g: int
    temp_class: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a parcel goes, and to whom."""

    recipient: str
    phone: str
    region: str
    street: str


@needs_transaction
def plan(
    *,
    shop_order_reference: str,
    shop_id: int,
    contents: Sequence[Content],
    to: Destination,
    now: datetime,
) -> list[Parcel]:
    """Plan one parcel for each temperature class of a shop order, once.

    Workers then ask the carrier for waybills and a pick-up.

    Raises:
        Busy: the same shop order is being planned at this moment.
    """
    planned = list(
        Parcel.objects.filter(shop_order_reference=shop_order_reference).order_by("part")
    )
    if planned or not contents:
        return planned
    classes: dict[str, list[Content]] = defaultdict(list)
    for content in contents:
        classes[content.temp_class].append(content)
    parcels = [
        _parcel(
            shop_order_reference,
            shop_id,
            part,
            classes[temp_class],
            to,
            now,
            carrier=settings.MARKETPLACE_CARRIER,
            next_attempt_at=now + ASK_AGAIN_AFTER,
        )
        for part, temp_class in enumerate(sorted(classes))
    ]
    _write(parcels, [classes[parcel.temp_class] for parcel in parcels])
    ids = [parcel.pk for parcel in parcels]
    log_birth(PARCEL, ids, ParcelState.PLANNED, actor=SYSTEM, now=now)
    record(*(ParcelPlanned(str(parcel.reference)) for parcel in parcels), now=now)
    return parcels


@needs_transaction
def post_by_seller(
    *,
    shop_order_reference: str,
    shop_id: int,
    carrier: str,
    waybill_no: str,
    contents: Sequence[Content],
    to: Destination,
    actor: Actor,
    now: datetime,
) -> Parcel:
    """Note a parcel that a shop has handed to a carrier itself.

    Raises:
        UnknownCarrier: no carrier has this code.
        WaybillTaken: another parcel travels under this number.
        Busy: another parcel of the same shop order is being posted at this moment.
    """
    if carrier not in registry.names() and carrier not in registry.carriers():
        raise UnknownCarrier(carrier=carrier)
    parcel = _parcel(
        shop_order_reference,
        shop_id,
        Parcel.objects.filter(shop_order_reference=shop_order_reference).count(),
        contents,
        to,
        now,
        carrier=carrier,
        waybill_no=waybill_no,
        is_posted_by_seller=True,
        state=ParcelState.CREATED,
        booked_at=now,
        handed_over_at=now,
        # News is asked for where there is anybody to ask.
        next_attempt_at=now if registry.carriers() else None,
    )
    with refusing({"parcels_parcel_waybill_names_one_parcel": WaybillTaken}):
        _write([parcel], [contents])
    log_birth(PARCEL, [parcel.pk], ParcelState.CREATED, actor=actor, now=now)
    record(handed_over(parcel), now=now)
    return parcel


@needs_transaction
def cancel(shop_order_reference: str, *, now: datetime, actor: Actor = SYSTEM) -> bool:
    """Call all parcels of a shop order back; return False if a carrier has one of them.

    Carriers are told later, outside the transaction.
    """
    # By id, so that two callers queue up; scans lock the same rows one at a time.
    parcels = list(
        Parcel.objects.select_for_update(of=("self",), no_key=True)
        .filter(shop_order_reference=shop_order_reference)
        .order_by("pk")
    )
    if any(parcel.handed_over_at for parcel in parcels):
        return False
    moved = advance(
        Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]),
        PARCEL,
        "cancel",
        actor=actor,
        now=now,
        cancelled_at=now,
        next_attempt_at=now + ASK_AGAIN_AFTER,
        attempts=0,
        parked_at=None,
    )
    told = [ParcelCancelled(str(parcel.reference)) for parcel in parcels if parcel.pk in moved]
    record(*told, now=now)
    return True


def handed_over(parcel: Parcel) -> ParcelHandedOver:
    """Return the fact that a carrier has a parcel."""
    lines = list(parcel.lines.order_by("pk"))
    return ParcelHandedOver(
        shop_order_reference=str(parcel.shop_order_reference),
        parcel_reference=str(parcel.reference),
        line_references=[str(line.line_reference) for line in lines],
        quantities=[line.quantity for line in lines],
    )


def _parcel(
    shop_order_reference: str,
    shop_id: int,
    part: int,
    contents: Sequence[Content],
    to: Destination,
    now: datetime,
    **columns: object,
) -> Parcel:
    return Parcel(
        shop_order_reference=shop_order_reference,
        shop_id=shop_id,
        part=part,
        temp_class=contents[0].temp_class,
        gross_g=sum(content.gross_g for content in contents),
        recipient=to.recipient,
        phone=to.phone,
        region=to.region,
        street=to.street,
        planned_at=now,
        **columns,
    )


def _write(parcels: Sequence[Parcel], contents: Sequence[Sequence[Content]]) -> None:
    with refusing({"parcels_parcel_part_once_per_shop_order": Busy}):
        Parcel.objects.bulk_create(parcels)
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel,
            line_reference=content.line_reference,
            sku_reference=content.sku_reference,
            title=content.title,
            quantity=content.quantity,
        )
        for parcel, inside in zip(parcels, contents, strict=True)
        for content in inside
    )
