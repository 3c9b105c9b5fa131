"""What must always be true of shops, derived from scratch."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant
from shops.storefronts.domain import licensing
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors.papers import ACCEPTED


@invariant("storefronts.open_shops_hold_their_papers")
def open_shops_hold_their_papers() -> Iterable[Finding]:
    """No shop is open without the accepted papers that its kind needs."""
    for kind in licensing.ShopKind:
        open_ones = Shop.objects.filter(kind=kind, state=ShopState.OPEN)
        for paper in licensing.to_open(kind):
            holders = Licence.objects.filter(kind=paper, state__in=ACCEPTED).values("shop_id")
            lacking = open_ones.exclude(pk__in=holders).order_by("pk")
            for shop_id in lacking.values_list("pk", flat=True).iterator():
                yield Finding(f"shop {shop_id}", f"open without {paper.value}")


@invariant("storefronts.shops_have_their_owner")
def shops_have_their_owner() -> Iterable[Finding]:
    """Every shop belongs to somebody."""
    return found(
        """
        SELECT shop.id FROM storefronts_shop AS shop
        WHERE NOT EXISTS (
            SELECT FROM storefronts_shopmember AS member
            WHERE member.shop_id = shop.id AND member.role = 'OWNER'
        )
        ORDER BY shop.id
        """,
        "shop {id}",
        "has no owner",
    )


@invariant("storefronts.pictures_of_papers_are_kept")
def pictures_of_papers_are_kept() -> Iterable[Finding]:
    """No paper refers to a file that will be purged."""
    return found(
        """
        SELECT licence.id FROM storefronts_licence AS licence
        JOIN uploads_upload AS upload ON upload.id = licence.upload_id
        WHERE upload.claimed_at IS NULL
        ORDER BY licence.id
        """,
        "licence {id}",
        "its picture was never claimed",
    )
