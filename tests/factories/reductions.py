"""Full reductions for tests, set up by the service that does."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from core.accounts.models import User
from core.audit.actors import Actor
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.domain.kinds import CouponKind, Funder
from marketplace.coupons.models import CouponBatch, CouponBudget, UserCoupon
from marketplace.reductions.domain.drafts import Draft
from marketplace.reductions.domain.tiers import Tier
from marketplace.reductions.models import ShopReduction
from marketplace.reductions.services import reductions
from shops.catalogue.models import Product
from shops.storefronts.models import Shop
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.freight import a_template
from tests.factories.storefronts import open_shop

_NUMBERS = itertools.count(1)
NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
# 5.00 off 50.00, 12.00 off 80.00.
TIERS = (Tier(500, threshold_fen=5_000), Tier(1_200, threshold_fen=8_000))


def a_reduction(
    shop: Shop | None = None, *products: Product, now: datetime = NOON, **changes: Any
) -> ShopReduction:
    """Return a reduction of a shop, or of some of its goods, that began an hour ago."""
    shop = shop or open_shop()
    owner = Actor(shop.members.get(role="OWNER").user_id)
    with transaction.atomic():
        return reductions.set_up(
            shop, a_draft(*products, now=now, **changes), actor=owner, now=now - timedelta(hours=2)
        )


@dataclass(frozen=True)
class SentForLess:
    """A shop that takes 12.00 off 80.00 and charges 18.00 for sending to Shanghai."""

    product: Product
    reduction: ShopReduction
    budget: CouponBudget
    batch: CouponBatch

    @property
    def lines(self) -> list[tuple[Product, int]]:
        """Return what to order: one piece for 80.00."""
        return [(self.product, 1)]

    def freight_coupon(self, buyer: User) -> UserCoupon:
        """Let somebody claim 10.00 off the freight, 70 % by the platform and 30 % by the shop."""
        return a_coupon(buyer, self.batch, NOON)


def sent_for_less(now: datetime = NOON) -> SentForLess:
    """Return the shop, its goods, and a platform's batch of freight coupons that it bears."""
    shop, budget = open_shop(), a_budget()
    product = a_product(shop, 8_000, freight_template=a_template(shop).reference)
    batch = a_batch(
        kind=CouponKind.FREIGHT,
        threshold_fen=None,
        amount_fen=1_000,
        accepted_by=(shop,),
        funding=(
            WantedFunding(Funder.PLATFORM, 7_000, budget.reference),
            WantedFunding(Funder.SHOP, 3_000),
        ),
    )
    return SentForLess(product, a_reduction(shop, now=now), budget, batch)


def a_draft(*products: Product, now: datetime = NOON, **changes: Any) -> Draft:
    """Describe a reduction that runs from an hour ago for two days."""
    facts: dict[str, Any] = {
        "name": f"满减{next(_NUMBERS)}",
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=2),
        "tiers": TIERS,
        "products": tuple(product.reference for product in products),
    }
    return Draft(**facts | changes)
