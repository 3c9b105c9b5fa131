"""Shops that agree to bear their part of a platform's batch."""

from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction
from marketplace.coupons.domain.kinds import Funder, Issuer
from marketplace.coupons.domain.states import OPEN_TO_SHOPS
from marketplace.coupons.models import BatchFunding, BatchShop, CouponBatch
from shops.storefronts.models import Shop


class NothingToAccept(DomainError):
    """This batch asks nothing of shops, or is over."""

    code = "NOTHING_TO_ACCEPT"
    zh = "该批次不需要商家出资，或已结束。"


@needs_transaction
def accept(batch_reference: UUID, *, shop: Shop, actor: Actor, now: datetime) -> BatchShop:
    """Let a shop bear the SHOP part of a batch on its own lines; a repeated call changes nothing.

    Raises:
        NotFound: there is no such batch of the platform.
        NothingToAccept: it has no SHOP part, or can no longer be joined.
    """
    batch = CouponBatch.objects.filter(
        reference=batch_reference, issuer=Issuer.PLATFORM
    ).first()  # The reference is unique.
    if batch is None:
        raise NotFound(subject="coupon_batch")
    asks_shops = BatchFunding.objects.filter(batch=batch, funder=Funder.SHOP).exists()
    if not asks_shops or batch.state not in OPEN_TO_SHOPS:
        raise NothingToAccept(state=batch.state)
    BatchShop.objects.bulk_create(
        [BatchShop(batch=batch, shop=shop, accepted_by_id=actor.user_id, accepted_at=now)],
        ignore_conflicts=True,
    )
    return BatchShop.objects.select_related("batch", "shop").get(batch=batch, shop=shop)
