"""Full reductions as their shop and as buyers see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from core.errors import NotFound
from marketplace.reductions.domain.states import REDUCTION, state_at
from marketplace.reductions.models import ReductionCover, ReductionTier, ShopReduction


def every() -> QuerySet[ShopReduction]:
    """Return all reductions, ready to be shown with their tiers and goods."""
    tiers = ReductionTier.objects.order_by("threshold_fen", "threshold_pieces")
    covers = ReductionCover.objects.select_related("product").order_by("product")
    return ShopReduction.objects.prefetch_related(
        Prefetch("tiers", tiers), Prefetch("covers", covers)
    )


def of_shop(shop_id: int) -> QuerySet[ShopReduction]:
    """Return the reductions of a shop, whether they run or not, ready to be shown."""
    return every().filter(shop=shop_id)


def one(shop_id: int, reference: UUID) -> ShopReduction:
    """Return one reduction of a shop, ready to be shown.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    try:
        return of_shop(shop_id).get(reference=reference)
    except ShopReduction.DoesNotExist:
        raise NotFound(subject="shop reduction") from None


def running(shop_id: int, now: datetime, *, product: UUID | None = None) -> QuerySet[ShopReduction]:
    """Return what a shop takes off now, or what it takes off one of its products."""
    rows = of_shop(shop_id).filter(ended_at=None, starts_at__lte=now, ends_at__gt=now)
    if product is None:
        return rows
    covering = ReductionCover.objects.filter(
        Q(product=None) | Q(product__reference=product), shop=shop_id
    )
    return rows.filter(pk__in=covering.values("reduction"))


def offered(row: ShopReduction) -> dict[str, Any]:
    """Return a reduction as buyers see it: its tiers, and which goods it counts for."""
    return {
        "id": row.reference,
        "name": row.name,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "tiers": [
            {
                "threshold_fen": tier.threshold_fen,
                "threshold_pieces": tier.threshold_pieces,
                "amount_fen": tier.amount_fen,
            }
            for tier in row.tiers.all()
        ],
        "products": [cover.product.reference for cover in row.covers.all() if cover.product],
        "allow_on_activity_price": row.allow_on_activity_price,
    }


def shown(row: ShopReduction, now: datetime) -> dict[str, Any]:
    """Return a reduction as its shop sees it: where it stands is judged by the clock."""
    state = state_at(row.state, row.starts_at, row.ends_at, now)
    return offered(row) | {
        "state": state,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "allowed_actions": [action for action in REDUCTION.actions_in(state) if action != "start"],
        "server_time": now,
    }
