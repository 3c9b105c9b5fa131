"""What stands in the market before anything is measured; runs inside the market it furnishes."""

import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from PIL import Image

from core.accounts.models import User
from core.accounts.services import living, people, sessions
from core.audit.actors import Actor
from core.periods import local_day
from core.regions.selectors import programmes
from core.transactions import entry
from core.uploads.models import Purpose
from core.uploads.services import handing_in
from logistics.freight.domain.tariff import ChargeBy, Mode, Rule, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import templates
from marketplace.coupons.domain.drafts import Draft, WantedFunding
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from marketplace.coupons.models import CouponBatch, CouponBudget
from marketplace.coupons.services import batches, budgets, claims, deciding
from shops.catalogue.models import Product, Sku
from shops.storefronts.domain.licensing import LicenceKind, ShopKind
from shops.storefronts.models import Shop
from shops.storefronts.services import founding, papers, reviewing
from tests.bench.catalogue import Stall, stock_up
from tests.bench.counties import FIFTY
from tests.market_day import cast

SHOPS_A_COUNTY = 5
CROWDED, SHARDS = 256, 16
BUYERS, COUPONS_EACH = 320, 8
FACE_FEN = 100
SEED = 20_261_111
TARIFF = Tariff(
    charge_by=ChargeBy.WEIGHT,
    mode=Mode.PAID,
    rules=(
        Rule(frozenset(), 1_000, 800, 1_000, 200),
        Rule(frozenset({"310000", "320000", "330000"}), 3_000, 600, 1_000, 100),
    ),
    no_ship_regions=frozenset({"540000", "650000"}),
)


def furnish(products: int, found: str) -> None:
    """Furnish an empty market and write down, for the driver, what is where."""
    began = time.perf_counter()
    stalls = list(_open_shops())
    _say(f"{len(stalls)} shops", began)
    began = time.perf_counter()
    stock_up(stalls, products, crowded=CROWDED, shards=SHARDS, seed=SEED)
    _say(f"{products} products with their cards and sections", began)
    began = time.perf_counter()
    buyers = _invite()
    campaign = _announce(stalls)
    coupons = _hand_out(buyers, campaign)
    _say(f"{BUYERS} buyers with {COUPONS_EACH} coupons each", began)
    facts = _facts(stalls) | {
        "buyers": [
            {**signs, "coupons": coupons[user.pk], "key": user.pk} for user, signs in buyers
        ],
        "batches": [str(batch.reference) for batch in campaign["crowd"]],
    }
    Path(found).write_text(json.dumps(facts), encoding="utf-8")


def _say(what: str, began: float) -> None:
    print(f"    {what}: {time.perf_counter() - began:.1f} s", file=sys.stderr)


def _open_shops() -> Iterator[Stall]:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), (90, 120, 60)).save(drawn, "PNG")
    for number in range(SHOPS_A_COUNTY * len(FIFTY)):
        county = FIFTY[number % len(FIFTY)]
        now = timezone.now()
        owner = _register(cast.farmer_phone(number), now)
        drawn.seek(0)
        size = len(drawn.getvalue())
        paper = handing_in.receive(owner.pk, drawn, size, Purpose.LICENCE, now=now).reference
        name = f"{county.name}{cast.farmer_name(number)}家的农场{number + 1}号"
        shop = _open_shop(owner, county.code, name, paper, now)
        template = FreightTemplate.objects.get(shop=shop).reference
        yield Stall(shop, county, template)


@entry
def _register(phone: str, now: datetime) -> User:
    return people.register(phone, now)


@entry
def _open_shop(owner: User, region: str, name: str, paper: UUID, now: datetime) -> Shop:
    actor = Actor(owner.pk)
    intro = "自家种植，现摘现发，坏果包赔。"
    shop = founding.found(
        owner.pk, name=name, kind=ShopKind.FARMER, region=region, intro=intro, now=now
    )
    for kind, upload in ((LicenceKind.IDENTITY, paper), (LicenceKind.ORIGIN_DECLARATION, None)):
        number = f"{kind[:2]}{shop.pk:08d}"
        papers.hand_in(
            shop, kind, number=number, upload_reference=upload, actor=actor, now=now
        )  # fmt: skip
    reviewing.submit(shop, actor=actor, now=now)
    reviewing.decide(shop, reviewing.Decision.APPROVE, actor=Actor(None), now=now)
    templates.create(shop.pk, templates.Draft("普通快递", TARIFF, promise_hours=48), now=now)
    return shop


def _invite() -> list[tuple[User, dict[str, str]]]:
    return [_sign_in(number, timezone.now()) for number in range(BUYERS)]


@entry
def _sign_in(number: int, now: datetime) -> tuple[User, dict[str, str]]:
    phone = cast.buyer_phone(number)
    user = people.register(phone, now)
    address = living.add_address(
        user.pk,
        recipient=cast.farmer_name(number + 7),
        phone=phone,
        region=cast.ADDRESSES[number % len(cast.ADDRESSES)],
        street=f"人民路{number + 1}号",
        now=now,
    )
    access = sessions.open_for(user, now=now).access
    return user, {"access": access, "address": str(address.reference)}


def _announce(stalls: Sequence[Stall]) -> dict[str, list[CouponBatch]]:
    """Open sixteen batches for a crowd, and two whose coupons fit together in one order."""
    now = timezone.now()
    direct = {"kind": CouponKind.DIRECT, "amount_fen": FACE_FEN}
    crowd = [
        a_batch(f"到手减{n + 1}", now, a_budget(f"消费券预算{n + 1}", 1_000_000_000, now), **direct)
        for n in range(SHARDS)
    ]
    shop = Shop.objects.get(pk=_alike(stalls)[0])
    own = a_batch("店铺满减", now, None, shop=shop, **direct)
    return {"crowd": crowd, "own": [own]}


@entry
def a_budget(name: str, total_fen: int, now: datetime) -> CouponBudget:
    """Open a budget of the platform."""
    return budgets.open_budget(
        name=name,
        funder=Funder.PLATFORM,
        organisation="",
        total_fen=total_fen,
        actor=Actor(None),
        now=now,
    )


@entry
def a_batch(
    name: str,
    now: datetime,
    budget: CouponBudget | None,
    *,
    shop: Shop | None = None,
    quantity: int = 1_000_000,
    **terms: Any,
) -> CouponBatch:
    """Put a batch of coupons to work, paid for by a budget or by its shop."""
    funder = Funder.SHOP if shop else Funder.PLATFORM
    wanted = Draft(
        name=name,
        issuer=Issuer.SHOP if shop else Issuer.PLATFORM,
        quantity=quantity,
        per_user_limit=100_000,
        claim_from=now,
        claim_until=now + timedelta(days=1),
        use_until=now + timedelta(days=2),
        funding=(WantedFunding(funder, 10_000, budget.reference if budget else None),),
        **terms,
    )
    batch = batches.draft(wanted, actor=Actor(None), now=now, issuer_shop=shop)
    for action in ("submit", "approve"):
        batch = deciding.decide(batch.reference, action, actor=Actor(None), now=now)
    return batch


def _hand_out(
    buyers: Sequence[tuple[User, Any]], campaign: dict[str, list[CouponBatch]]
) -> dict[int, list[list[str]]]:
    """Let every buyer claim pairs of coupons: one of the platform, one of the first shop."""
    now = timezone.now()
    return {user.pk: _pairs(user, campaign, now) for user, _ in buyers}


@entry
def _pairs(user: User, campaign: dict[str, list[CouponBatch]], now: datetime) -> list[list[str]]:
    pair = (campaign["crowd"][user.pk % SHARDS], campaign["own"][0])
    return [
        [str(claims.claim(user.pk, batch.reference, now).reference) for batch in pair]
        for _ in range(COUPONS_EACH // len(pair))
    ]


def _facts(stalls: Sequence[Stall]) -> dict[str, Any]:
    alike = _alike(stalls)
    skus = Sku.objects.filter(position=0, product__shop__in=alike).order_by("pk")
    by_shop: dict[int, list[str]] = {shop_id: [] for shop_id in alike}
    crowded: list[str] = []
    shards = F("stock_quota__shards")
    for shop_id, sku, spread in skus.values_list("product__shop", "reference", shards):
        by_shop[shop_id].append(str(sku))
        if spread > 1:
            crowded.append(str(sku))
    return {
        "products": [str(one) for one in Product.objects.values_list("reference", flat=True)],
        "shops": list(by_shop.values()),
        "crowded": crowded,
    }


def _alike(stalls: Sequence[Stall]) -> list[int]:
    """Return the shops in counties of both standing sections.

    So every order line has as many rows of sections and programmes as every other one.
    """
    counties = {stall.county.code for stall in stalls}
    named = programmes.of_counties(counties, on=local_day(timezone.now()))
    return [
        stall.shop.pk
        for stall in stalls
        if stall.county.code.startswith("42") and "832" in named[stall.county.code]
    ]
