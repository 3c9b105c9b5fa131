"""Activities: set up with pieces out of the stock, started, ended, and their rest brought back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import DomainError, InvalidInput, NotFound
from core.quotas.models import Kind
from core.quotas.services import opening
from core.transactions import entry, needs_transaction, refusing
from marketplace.activities.domain.states import ACTIVITY, LIVE, ActivityState
from marketplace.activities.models import Activity
from shops.catalogue.models import Sku
from shops.catalogue.services import stock

AT_ONCE_MAX = 200
# Unpaid orders give their pieces back after the end; until then it is looked at again.
LOOK_AGAIN = timedelta(minutes=1)
# A crowd wants these at once: their pieces are spread over so many shards.
LARGE_PIECES, SHARDS = 1_000, 8


class ActivityOverlap(DomainError):
    """This SKU already has another price at that time."""

    code = "ACTIVITY_OVERLAP"
    zh = "该规格在此时段已有其他活动价。"


class FlashSaleExists(DomainError):
    """This product has a flash sale that is not over yet; one at a time."""

    code = "FLASH_SALE_EXISTS"
    zh = "该商品已有尚未结束的秒杀，同一商品同时只能有一个。"


@dataclass(frozen=True, slots=True)
class Planned:
    """An activity as its author wants it; without `closes_at` it closes when it ends."""

    kind: str
    sku_id: int
    price_fen: int
    quantity: int
    starts_at: datetime
    ends_at: datetime
    per_user_limit: int | None = None
    closes_at: datetime | None = None
    campaign_reference: UUID | None = None
    deposit_fen: int | None = None
    deposit_worth_fen: int | None = None


_TAKEN: dict[str, type[DomainError]] = {
    "activities_activity_one_price_at_an_instant": ActivityOverlap,
    "activities_activity_one_flash_sale_per_product": FlashSaleExists,
}


@needs_transaction
def schedule(planned: Planned, *, actor: Actor, now: datetime) -> Activity:
    """Set up an activity; its pieces leave the stock at once.

    Raises:
        InvalidInput: the window is not ahead, or the price is not below the ordinary one.
        ActivityOverlap: the SKU has another price at some instant of the window.
        FlashSaleExists: it would be the second flash sale of the product that is not over.
        stock.StockTooLow: less than the pieces are neither sold nor set aside.
    """
    sku = Sku.objects.select_related("product").get(pk=planned.sku_id)
    _insist_on_sense(planned, sku, now)
    quota_id = opening.open_quota(
        Kind.ACTIVITY, total=0, shards=SHARDS if planned.quantity >= LARGE_PIECES else 1
    )
    with refusing(_TAKEN):
        activity = Activity.objects.create(
            kind=planned.kind,
            sku=sku,
            product_id=sku.product_id,
            shop_id=sku.product.shop_id,
            price_fen=planned.price_fen,
            list_price_fen=sku.price_fen,
            quantity=planned.quantity,
            per_user_limit=planned.per_user_limit,
            deposit_fen=planned.deposit_fen,
            deposit_worth_fen=planned.deposit_worth_fen,
            quota_id=quota_id,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            closes_at=planned.closes_at or planned.ends_at,
            campaign_reference=planned.campaign_reference,
            next_attempt_at=planned.starts_at,
            created_by_id=actor.user_id,
            created_at=now,
        )
    log_birth(ACTIVITY, [activity.pk], ActivityState.SCHEDULED, actor=actor, now=now)
    stock.set_apart(sku, planned.quantity, quota_id, reason=_reason(activity), actor=actor, now=now)
    return activity


@needs_transaction
def end(activity: Activity, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """End an activity before its time; nothing brings it back.

    What is left goes to the stock, at once or when what began in time is finished.

    Raises:
        IllegalTransition: it has ended already.
    """
    rows = Activity.objects.filter(pk=activity.pk)
    advance_one(
        rows,
        ACTIVITY,
        "end",
        actor=actor,
        now=now,
        reason=reason,
        ended_at=now,
        next_attempt_at=now + LOOK_AGAIN,
    )
    if activity.closes_at == activity.ends_at or activity.closes_at <= now:
        _bring_back(activity, actor=actor, now=now)


@needs_transaction
def end_of_campaign(
    campaign: UUID, *, actor: Actor, now: datetime, reason: str = ""
) -> Sequence[int]:
    """End every activity of a campaign at once; return the keys of those that had not ended.

    No price counts from this instant on. What is left goes to the stock a moment later, activity
    by activity: the quotas of several would be locked in no order here.
    """
    live = Activity.objects.filter(campaign_reference=campaign, state__in=LIVE)
    locked = live.select_for_update(of=("self",), no_key=True).order_by("pk")
    return advance(
        Activity.objects.filter(pk__in=list(locked.values_list("pk", flat=True))),
        ACTIVITY,
        "end",
        actor=actor,
        now=now,
        reason=reason,
        ended_at=now,
        next_attempt_at=now,
    )


def keep_time(*, now: datetime) -> int:
    """Start and end what is due, and bring back what is left; return how many were looked at.

    Prices never wait for this: they are read by their windows.
    """
    looked_at = 0
    while _one_due(now):
        looked_at += 1
        if looked_at == AT_ONCE_MAX:
            break
    return looked_at


@needs_transaction
def note_returned(references: Sequence[str], *, now: datetime) -> None:
    """Have activities looked at whose pieces may have come back after their end."""
    Activity.objects.filter(
        reference__in=references, state=ActivityState.ENDED, next_attempt_at=None
    ).update(next_attempt_at=now)


def named(reference: UUID | str) -> Activity:
    """Return an activity.

    Raises:
        NotFound: there is none of this reference.
    """
    try:
        return Activity.objects.select_related("sku").get(reference=reference)
    except Activity.DoesNotExist:
        raise NotFound(subject="activity") from None


@entry
def _one_due(now: datetime) -> bool:
    # One at a time: the quotas of several would be locked in no order.
    activity = (
        Activity.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("sku")
        .filter(next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
        .first()
    )
    if activity is None:
        return False
    rows = Activity.objects.filter(pk=activity.pk)
    if activity.state != ActivityState.ENDED and activity.ends_at <= now:
        end(activity, actor=SYSTEM, now=now)
    elif activity.state == ActivityState.SCHEDULED:
        advance(rows, ACTIVITY, "start", actor=SYSTEM, now=now, next_attempt_at=activity.ends_at)
    elif activity.closes_at <= now or activity.closes_at == activity.ends_at:
        _bring_back(activity, actor=SYSTEM, now=now)
        rows.update(next_attempt_at=now + LOOK_AGAIN if _is_held(activity) else None)
    else:
        rows.update(next_attempt_at=activity.closes_at)
    return True


def _bring_back(activity: Activity, *, actor: Actor, now: datetime) -> None:
    back = stock.take_back(
        activity.sku, activity.quota_id, reason=_reason(activity), actor=actor, now=now
    )
    Activity.objects.filter(pk=activity.pk).update(returned=F("returned") + back)


def _is_held(activity: Activity) -> bool:
    return activity.quota.parts.filter(held__gt=0).exists()


def _reason(activity: Activity) -> str:
    return f"activity {activity.reference}"


def _insist_on_sense(planned: Planned, sku: Sku, now: datetime) -> None:
    if planned.ends_at <= planned.starts_at or planned.ends_at <= now:
        raise InvalidInput.at("/ends_at", "WINDOW_NOT_FORWARD", "ends_at <= starts_at")
    if planned.price_fen >= sku.price_fen:
        raise InvalidInput.at("/price_fen", "PRICE_NOT_BELOW_LIST", str(sku.price_fen))
