"""Full reductions as shops set them up and end them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import get_language

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import DomainError, Fault, InvalidInput
from core.transactions import entry, needs_transaction, refusing
from marketplace.reductions.domain import drafts
from marketplace.reductions.domain.drafts import SENTENCES, Draft, Wrong
from marketplace.reductions.domain.states import LIVE, REDUCTION, ReductionState
from marketplace.reductions.models import ReductionCover, ReductionTier, ShopReduction
from shops.catalogue.models import Product
from shops.storefronts.models import Shop

AT_ONCE_MAX = 1_000


class ReductionOverlap(DomainError):
    """Some of these goods already have a full reduction at that time."""

    code = "REDUCTION_OVERLAP"
    zh = "部分商品在此时段已有其他满减活动。"


@needs_transaction
def set_up(shop: Shop, draft: Draft, *, actor: Actor, now: datetime) -> ShopReduction:
    """Set up a full reduction; it counts inside its window, whatever the sweep does.

    It begins now at the earliest: what is over can neither be lowered nor be in the way.

    Raises:
        InvalidInput: with a fault for every rule that it breaks.
        ReductionOverlap: a product has another reduction at some instant of the window.
    """
    products, unknown = _products_of(shop, draft.products)
    broken = [*drafts.wrongs_of(draft, now), *unknown]
    if broken:
        raise _refusal_of(broken)
    starts_at = max(draft.starts_at, now)
    reduction = ShopReduction.objects.create(
        shop=shop,
        name=draft.name,
        starts_at=starts_at,
        ends_at=draft.ends_at,
        allow_on_activity_price=draft.allow_on_activity_price,
        next_attempt_at=starts_at,
        created_by_id=actor.user_id,
        created_at=now,
    )
    ReductionTier.objects.bulk_create(
        ReductionTier(
            reduction=reduction,
            threshold_fen=tier.threshold_fen,
            threshold_pieces=tier.threshold_pieces,
            amount_fen=tier.amount_fen,
        )
        for tier in draft.tiers
    )
    # In the order of products: of two who set up the same ones at once, one waits and loses.
    covered: list[int | None] = [*sorted(products)] or [None]
    with refusing({"reductions_reductioncover_one_at_an_instant": ReductionOverlap}):
        ReductionCover.objects.bulk_create(
            ReductionCover(
                reduction=reduction,
                shop=shop,
                product_id=product_id,
                starts_at=starts_at,
                ends_at=draft.ends_at,
            )
            for product_id in covered
        )
    log_birth(REDUCTION, [reduction.pk], ReductionState.SCHEDULED, actor=actor, now=now)
    return reduction


@needs_transaction
def end(reduction: ShopReduction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """End a full reduction before its time; nothing brings it back. Placed orders keep theirs.

    Raises:
        IllegalTransition: it has ended already.
    """
    rows = ShopReduction.objects.filter(pk=reduction.pk)
    advance_one(
        rows,
        REDUCTION,
        "end",
        actor=actor,
        now=now,
        reason=reason,
        ended_at=now,
        next_attempt_at=None,
    )
    _uncover([reduction.pk], now)


@entry
def keep_time(*, now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Start and end what is due; return how many moved.

    Prices never wait for this: they are read by the windows. One that somebody is ending at this
    moment is left alone.
    """
    due = ShopReduction.objects.filter(next_attempt_at__lte=now, state__in=LIVE)
    locked = list(
        due.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .order_by("next_attempt_at", "id")
        .values_list("pk", flat=True)[:limit]
    )
    rows = ShopReduction.objects.filter(pk__in=locked)
    ended = advance(
        rows.filter(ends_at__lte=now),
        REDUCTION,
        "end",
        actor=SYSTEM,
        now=now,
        ended_at=now,
        next_attempt_at=None,
    )
    _uncover(ended, now)
    started = advance(
        rows.filter(ends_at__gt=now),
        REDUCTION,
        "start",
        actor=SYSTEM,
        now=now,
        next_attempt_at=F("ends_at"),
    )
    return len(ended) + len(started)


def _uncover(reduction_ids: Sequence[int], now: datetime) -> None:
    ReductionCover.objects.filter(reduction__in=reduction_ids).update(ended_at=now)


def _products_of(shop: Shop, wanted: Sequence[UUID]) -> tuple[set[int], list[Wrong]]:
    rows = Product.objects.filter(reference__in=wanted).values_list("reference", "pk", "shop_id")
    known = {reference: (pk, shop_id) for reference, pk, shop_id in rows}
    broken = []
    for place, reference in enumerate(wanted):
        if reference not in known:
            broken.append(Wrong(f"/products/{place}", "UNKNOWN"))
        elif known[reference][1] != shop.pk:
            broken.append(Wrong(f"/products/{place}", "OUTSIDE_THE_SHOP"))
    return {pk for pk, _ in known.values()}, broken


def _refusal_of(broken: Sequence[Wrong]) -> InvalidInput:
    place = 1 if (get_language() or "").startswith("zh") else 0
    return InvalidInput(
        [Fault(wrong.pointer, wrong.code, SENTENCES[wrong.code][place]) for wrong in broken]
    )
