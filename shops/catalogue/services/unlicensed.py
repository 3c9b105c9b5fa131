"""Goods leave the market on the day their shop may not sell them any more."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import F

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.outbox.recording import record
from core.periods import local_day
from core.transactions import needs_transaction
from shops.catalogue.domain import licences
from shops.catalogue.domain.goods import PRODUCT, ProductState
from shops.catalogue.events import ProductWithdrawn
from shops.catalogue.models import Product
from shops.catalogue.services import cards
from shops.storefronts.models import Licence
from shops.storefronts.selectors import papers

REASON = "A paper ran out. 证照已过期。"


@needs_transaction
def withdraw(*, now: datetime, limit: int = 1_000) -> int:
    """Take off sale what shops have no accepted papers for any more; return how much.

    What is left beyond the limit goes the next time.
    """
    on_sale = Product.objects.filter(state=ProductState.PUBLISHED)
    ids = _unlicensed_ids(local_day(now), limit)
    # Locked in the order of keys first: an UPDATE over several rows locks in none.
    locked = on_sale.filter(pk__in=ids).select_for_update(skip_locked=True).order_by("pk")
    moved = advance(
        Product.objects.filter(pk__in=list(locked.values_list("pk", flat=True))),
        PRODUCT,
        "withdraw",
        actor=SYSTEM,
        now=now,
        reason=REASON,
        version=F("version") + 1,
    )
    cards.prepare(moved, now=now)
    gone = Product.objects.filter(pk__in=moved).order_by("pk")
    record(
        *(
            ProductWithdrawn(product_id, str(reference), version)
            for product_id, reference, version in gone.values_list("pk", "reference", "version")
        ),
        now=now,
    )
    return len(moved)


def _unlicensed_ids(today: date, limit: int) -> list[int]:
    on_sale = Product.objects.filter(state=ProductState.PUBLISHED).order_by()
    groups = list(
        on_sale.values_list(
            "shop_id", "shop__kind", "product_class", "category_id", "category__licence_kind"
        ).distinct()
    )
    held = _papers_held({shop_id for shop_id, *_ in groups}, today)
    ids: list[int] = []
    for shop_id, shop_kind, product_class, category_id, licence_kind in groups:
        needed = licences.needed(shop_kind, product_class, licence_kind)
        if needed is not None and needed <= held[shop_id]:
            continue
        found = on_sale.filter(
            shop_id=shop_id, product_class=product_class, category_id=category_id
        )
        ids += found.order_by("pk").values_list("pk", flat=True)[: limit - len(ids)]
        if len(ids) >= limit:
            break
    return ids


def _papers_held(shop_ids: Iterable[int], today: date) -> dict[int, set[str]]:
    held: dict[int, set[str]] = defaultdict(set)
    rows = Licence.objects.filter(
        papers.in_force(today), shop_id__in=shop_ids, state__in=papers.ACCEPTED
    )
    for shop_id, kind in rows.values_list("shop_id", "kind"):
        held[shop_id].add(kind)
    return held
