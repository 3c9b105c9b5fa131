"""Taking back coupons that somebody got by fraud: whatever of them is not spent yet."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from core.accounts.models import User
from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance
from core.errors import IllegalTransition, NotFound
from core.outbox.recording import record
from core.quotas.services import drawing
from core.transactions import entry, needs_transaction
from marketplace.abuse.selectors import rings
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.drafts import Wrong
from marketplace.coupons.domain.kinds import CommitMode
from marketplace.coupons.domain.owners import owner_in_order, owner_of
from marketplace.coupons.domain.states import COUPON_LIFE, UNSPENT, CouponState
from marketplace.coupons.events import CouponVoided
from marketplace.coupons.models import CouponBatch, UserCoupon
from marketplace.coupons.selectors import bearing
from marketplace.coupons.services import wrongs

AT_ONCE_MAX = 1_000
BATCH_VOIDED = "the batch was voided"


@dataclass(frozen=True, slots=True)
class RingVoided:
    """What became of a ring: how many people it has, and which of their coupons were voided."""

    people: int
    coupons: Sequence[UUID]


@needs_transaction
def void(reference: UUID, *, reason: str, actor: Actor, now: datetime) -> UserCoupon:
    """Void one coupon; its money is free again, an unpaid order that has it is closed.

    Raises:
        InvalidInput: nobody says why.
        NotFound: there is no such coupon.
        IllegalTransition: it is spent, has run out, or was voided before.
    """
    insist_on_a_reason(reason)
    if not UserCoupon.objects.filter(reference=reference).exists():
        raise NotFound(subject="coupon")
    rows = UserCoupon.objects.filter(reference=reference)
    if not _void(rows, reason=reason, actor=actor, now=now):
        raise IllegalTransition(subject=COUPON_LIFE.subject, action="void")
    return UserCoupon.objects.select_related("batch__issuer_shop").get(reference=reference)


@needs_transaction
def void_ring(trace: UUID, *, reason: str, actor: Actor, now: datetime) -> RingVoided:
    """Void every unspent coupon of everybody in the ring around a trace.

    What they are claiming at this moment is waited for and voided too; what they lock or use at
    this moment is either voided before or counts as it was.

    Raises:
        InvalidInput: nobody says why.
        NotFound: there is no such trace.
    """
    insist_on_a_reason(reason)
    ring = rings.people_of(rings.one(trace))
    # A claim holds on to the row of its person until it is done: behind this, all are to be seen.
    list(User.objects.select_for_update().filter(pk__in=ring).order_by("pk").values_list("pk"))
    voided = _void(UserCoupon.objects.filter(user__in=ring), reason=reason, actor=actor, now=now)
    return RingVoided(len(ring), [coupon.reference for coupon in voided])


@entry
def void_due(now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Void coupons of batches that were voided, some at a time; return how many.

    Nothing depends on it: such a coupon is refused from the instant at which its batch was voided.
    """
    unspent = UserCoupon.objects.filter(batch=OuterRef("pk"), state__in=UNSPENT)
    gone = CouponBatch.objects.filter(Exists(unspent), voided_at__isnull=False).order_by("id")
    batch = gone.first()
    if batch is None:
        return 0
    rows = UserCoupon.objects.filter(batch=batch)
    return len(_void(rows, reason=BATCH_VOIDED, actor=SYSTEM, now=now, limit=limit))


def insist_on_a_reason(reason: str) -> None:
    """Refuse to take something away without a word.

    Raises:
        InvalidInput: nobody says why.
    """
    if not reason.strip():
        raise wrongs.refusal_of([Wrong("/reason", "REQUIRED")])


def _void(
    rows: QuerySet[UserCoupon],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    limit: int | None = None,
) -> list[UserCoupon]:
    # By id, like everybody who locks coupons; the sweep waits for nobody, so it takes them as its
    # index has them, and the millionth costs what the first did.
    locked = rows.filter(state__in=UNSPENT).select_for_update(
        of=("self",), no_key=True, skip_locked=limit is not None
    )
    ordered = locked.select_related("batch").order_by("id" if limit is None else "state")
    coupons = list(ordered[:limit])
    if not coupons:
        return []
    # One that is only in an order leaves it at once; the order is told and closed.
    in_orders = [coupon for coupon in coupons if coupon.state == CouponState.LOCKED]
    record(*(_told(coupon) for coupon in in_orders), now=now)
    advance(
        UserCoupon.objects.filter(pk__in=[coupon.pk for coupon in coupons]),
        COUPON_LIFE,
        "void",
        actor=actor,
        now=now,
        reason=reason,
        voided_at=now,
        order_reference=None,
    )
    drawing.release_amounts(_held(coupons))
    return coupons


def _told(coupon: UserCoupon) -> CouponVoided:
    return CouponVoided(str(coupon.reference), str(coupon.order_reference))


def _held(coupons: Sequence[UserCoupon]) -> Mapping[str, Mapping[int, int]]:
    """Return what unspent coupons hold, by owner and quota."""
    owners = {coupon.pk: owner for coupon in coupons if (owner := _holder(coupon))}
    payers = bearing.payers_of(
        [
            (coupon.pk, coupon.batch_id, owners[coupon.pk])
            for coupon in coupons
            if coupon.pk in owners
        ]
    )
    worst = {
        coupon.pk: discounts.worst_case_fen(
            coupon.batch.kind,
            amount_fen=coupon.batch.amount_fen,
            max_discount_fen=coupon.batch.max_discount_fen,
        )
        for coupon in coupons
    }
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for (coupon_id, _), payer in payers.items():
        for quota_id in payer.quota_ids:
            reserved_fen = discounts.reservation_fen(worst[coupon_id], payer.bp)
            held[owners[coupon_id]][quota_id] += reserved_fen
    return held


def _holder(coupon: UserCoupon) -> str | None:
    if coupon.batch.commit_mode == CommitMode.AT_CLAIM:
        return owner_of(coupon.reference)
    # Nothing is held for a coupon of the other kind but in an order.
    return owner_in_order(coupon.order_reference) if coupon.order_reference else None
