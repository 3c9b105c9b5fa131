"""A large catalogue in bulk: believable products with true cards, states and sections.

What a service does for one product with a dozen statements is done here for a thousand with as
many; the cards, the states and the members of sections come from the same services and selectors.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Value
from django.utils import timezone

from core.audit.actors import SYSTEM
from core.audit.advancing import advance, log_birth
from core.quotas.models import Kind
from core.quotas.services import opening
from core.regions import codes
from core.transactions import entry
from marketplace.sections.services import membership
from shops.catalogue.domain.goods import PRODUCT, ProductState
from shops.catalogue.models import Product, Sku, StockAdjustment
from shops.catalogue.selectors import tree
from shops.catalogue.services import cards, products
from shops.storefronts.models import Shop
from tests.bench.counties import FIFTY
from tests.market_day.cast import GRADES, County, Good

AT_ONCE = 1_000
STOCK = 1_000_000
SHARES = (1, 2)
KINDS_OF_SOIL = ("沙地", "坡地", "老园", "新园", "合作社", "林下", "河谷", "高山", "富硒", "生态")


@dataclass(frozen=True, slots=True)
class Stall:
    """An open shop with its county and its freight template."""

    shop: Shop
    county: County
    template: UUID


@dataclass(frozen=True, slots=True)
class _Wanted:
    product: Product
    skus: Sequence[products.NewSku]


def stock_up(stalls: Sequence[Stall], count: int, *, crowded: int, shards: int, seed: int) -> None:
    """Put so many products on sale, evenly over the stalls, and into their sections.

    The first `crowded` of them have their stock spread over `shards`.
    """
    dice = random.Random(seed)
    now = timezone.now()
    wanted = (_wanted(stalls[n % len(stalls)], n, dice, now) for n in range(count))
    for batch in iter(lambda: list(itertools.islice(wanted, AT_ONCE)), []):
        crowd, crowded = crowded, max(0, crowded - len(batch))
        _sell(batch, crowd, shards, now)
    membership.refresh_everything(timezone.now())


@entry
def _sell(wanted: Sequence[_Wanted], crowd: int, shards: int, now: datetime) -> None:
    written = Product.objects.bulk_create(one.product for one in wanted)
    pieces = [(one.product, place, sku) for one in wanted for place, sku in enumerate(one.skus)]
    spread = {product.pk for product in written[:crowd]}
    quotas = opening.open_many(
        [
            opening.Opening(Kind.STOCK, sku.stock, shards if product.pk in spread else 1)
            for product, _, sku in pieces
        ]
    )
    rows = Sku.objects.bulk_create(_skus(pieces, quotas))
    StockAdjustment.objects.bulk_create(
        StockAdjustment(sku=row, change=STOCK, reason=products.OPENING_REASON, at=now)
        for row in rows
    )
    ids = [product.pk for product in written]
    log_birth(PRODUCT, ids, ProductState.DRAFT, actor=SYSTEM, now=now)
    advance(
        Product.objects.filter(pk__in=ids),
        PRODUCT,
        "publish",
        actor=SYSTEM,
        now=now,
        version=F("version") + 1,
        # One every seven seconds, the last one now and the first one some days ago.
        published_at=Value(now) - F("id") * Value(timedelta(seconds=7)),
    )
    cards.prepare(ids, now=now)


def _skus(
    pieces: Sequence[tuple[Product, int, products.NewSku]], quotas: Sequence[int]
) -> Iterator[Sku]:
    for (product, place, sku), quota_id in zip(pieces, quotas, strict=True):
        yield Sku(
            product=product,
            spec=sku.spec,
            price_fen=sku.price_fen,
            net_weight_g=sku.net_weight_g,
            gross_weight_g=sku.gross_weight_g,
            stock_quota_id=quota_id,
            position=place,
        )


def _wanted(stall: Stall, number: int, dice: random.Random, now: datetime) -> _Wanted:
    county = stall.county
    good = county.goods[number // len(FIFTY) % len(county.goods)]
    category = tree.find(good.category)
    soil, grade = dice.choice(KINDS_OF_SOIL), dice.choice(GRADES)
    product = Product(
        shop=stall.shop,
        title=f"{county.name}{soil}{good.name} {grade}",
        category=category,
        description=f"产自{county.name}{soil}，{good.name}当季上市，现摘现发，坏果包赔。" * 3,
        product_class=good.made,
        temp_class=category.temp_class,
        shelf_life_days=30,
        origin_county=county.code,
        origin_prefecture=codes.prefecture_of(county.code),
        origin_province=codes.province_of(county.code),
        # One in four travels free.
        freight_template=stall.template if number % 4 else None,
        created_at=now,
        changed_at=now,
    )
    return _Wanted(product, [_size(good, share, dice) for share in SHARES])


def _size(good: Good, share: int, dice: random.Random) -> products.NewSku:
    net_g = good.grams * share // SHARES[-1]
    price_fen = max(100, good.fen_per_kg * net_g // 1_000 * dice.randint(80, 125) // 100)
    return products.NewSku(
        spec=f"{net_g / 1_000:g} kg",
        price_fen=price_fen // 10 * 10 + 9,
        net_weight_g=net_g,
        gross_weight_g=net_g + 150 + net_g // 20,
        stock=STOCK,
    )
