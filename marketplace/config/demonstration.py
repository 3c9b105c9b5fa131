"""A small market to look at: two farmers' shops, a section, a campaign, three people to sign in as.

Everything is made by the services that make it in life. Each step looks first whether it was done,
so an interrupted first start is simply repeated.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from PIL import Image

from core.accounts.domain.roles import Role
from core.accounts.models import Address, User
from core.accounts.selectors import roles
from core.accounts.services import granting, living, people
from core.audit.actors import SYSTEM, Actor
from core.http import examples
from core.transactions import entry
from core.uploads.models import Purpose
from core.uploads.services import handing_in
from logistics.freight.domain.tariff import ChargeBy, Mode, Rule, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import templates
from marketplace.coupons.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.services import acceptance, batches, budgets, deciding
from shops.catalogue.models import Product
from shops.catalogue.selectors import tree
from shops.catalogue.services import products, publication
from shops.storefronts.domain.licensing import LicenceKind, ShopKind
from shops.storefronts.models import Shop
from shops.storefronts.services import founding, papers, reviewing

STAFF, FARMER, BUYER = "+8613900000001", "+8613900000002", "+8613900000003"
NEIGHBOUR = "+8613900000004"
CAMPAIGN = "湖北专区满减券"


PLACE: dict[str, Any] = examples.PLACE


@dataclass(frozen=True)
class Offer:
    """One product of the demonstration, with one size."""

    title: str
    category: str
    spec: str
    price_fen: int
    net_weight_g: int
    stock: int


ORANGES = (
    # Kept first: the examples of the API document name this SKU.
    Offer("秭归脐橙 伦晚鲜橙", "citrus", "5 kg 家庭装", 5_990, 5_000, 500),
    Offer("秭归脐橙 精品礼盒", "citrus", "3 kg 礼盒", 6_800, 3_000, 200),
    Offer("秭归夏橙 榨汁橙", "citrus", "4.5 kg", 3_990, 4_500, 300),
)
HONEYS = (
    Offer("神农架百花蜂蜜", "honey", "1 kg 瓶装", 9_800, 1_000, 150),
    Offer("神农架花菇", "dried-mushrooms", "500 g 袋装", 6_800, 500, 120),
    Offer("神农架高山土豆", "roots-tubers", "5 kg", 2_580, 5_000, 400),
)


def open_market(*, now: datetime) -> list[str]:
    """Make what is missing of the demonstration; return what was made, in words."""
    done: list[str] = []
    staff, farmer, neighbour = _people(now)
    for owner, name, region, offers in (
        (farmer, "秭归王大姐果园", "420527", ORANGES),
        (neighbour, "神农架蜜农老张", "429021", HONEYS),
    ):
        if _shop_of(owner) is None:
            # Files are kept outside of a transaction, so the picture comes first.
            _open_shop(owner, staff, _picture(owner, now), name=name, region=region, now=now)
            done.append(f"shop {name}")
        done += [f"product {offer.title}" for offer in offers if _sell(owner, offer, now=now)]
    if _announce(staff, now=now):
        done.append(f"campaign {CAMPAIGN}")
    return done


@entry
def _people(now: datetime) -> tuple[User, User, User]:
    staff, farmer, buyer, neighbour = (
        people.register(phone, now) for phone in (STAFF, FARMER, BUYER, NEIGHBOUR)
    )
    if not Address.objects.filter(reference=examples.ADDRESS).exists():
        _name(living.add_address(buyer.pk, now=now, **PLACE), examples.ADDRESS)
    for role in Role:
        if not roles.has(staff.pk, role):
            granting.grant_role(staff.pk, role, now=now)
    return staff, farmer, neighbour


def open_console(password: str) -> bool:
    """Make the console's first user, `admin`; return whether it was missing."""
    if User.objects.filter(username="admin").exists():
        return False
    User.objects.create_superuser("admin", password, name="admin")
    return True


@entry
def _open_shop(
    owner: User, staff: User, picture: UUID, *, name: str, region: str, now: datetime
) -> None:
    actor = Actor(owner.pk)
    shop = founding.found(
        owner.pk,
        name=name,
        kind=ShopKind.FARMER,
        region=region,
        intro="自家种植，现摘现发，坏果包赔。",
        now=now,
    )
    papers.hand_in(
        shop,
        LicenceKind.IDENTITY,
        number=f"DEMO{owner.pk:06d}",
        upload_reference=picture,
        actor=actor,
        now=now,
    )
    papers.hand_in(shop, LicenceKind.ORIGIN_DECLARATION, actor=actor, now=now)
    reviewing.submit(shop, actor=actor, now=now)
    reviewing.decide(shop, reviewing.Decision.APPROVE, actor=Actor(staff.pk), now=now)
    templates.create(
        shop.pk,
        templates.Draft("普通快递", _TARIFF, promise_hours=48),
        now=now,
    )


# The worked example of `domain.md` 2.6, so that its figures can be seen in a quote.
_TARIFF = Tariff(
    charge_by=ChargeBy.WEIGHT,
    mode=Mode.PAID,
    rules=(
        Rule(frozenset(), 1_000, 800, 1_000, 200),
        Rule(frozenset({"420000"}), 3_000, 600, 1_000, 100),
        Rule(frozenset({"150000"}), 1_000, 1_500, 1_000, 1_000),
    ),
    no_ship_regions=frozenset({"540000", "650000"}),
)


@entry
def _sell(owner: User, offer: Offer, *, now: datetime) -> bool:
    shop = _shop_of(owner)
    if shop is None or Product.objects.filter(shop=shop, title=offer.title).exists():
        return False
    category = tree.find(offer.category)
    actor = Actor(owner.pk)
    product = products.create(
        shop,
        title=offer.title,
        category=category,
        origin=shop.region,
        product_class="RAW_PRODUCE",
        temp_class="AMBIENT",
        skus=[
            products.NewSku(
                offer.spec,
                offer.price_fen,
                offer.net_weight_g,
                offer.net_weight_g + 200,
                offer.stock,
            )
        ],
        description=f"{offer.title}，产地直发。",
        shelf_life_days=30,
        freight_template=_template_of(shop),
        actor=actor,
        now=now,
    )
    if offer is ORANGES[0]:
        _name(product, examples.PRODUCT)
        _name(product.skus.get(), examples.SKU)
        product.refresh_from_db()
    publication.publish(product, actor=actor, now=now)
    return True


@entry
def _announce(staff: User, *, now: datetime) -> bool:
    if CouponBatch.objects.filter(name=CAMPAIGN).exists():
        return False
    actor = Actor(staff.pk)
    budget = budgets.open_budget(
        name="湖北农产品消费券预算",
        funder=Funder.PLATFORM,
        organisation="",
        total_fen=10_000_000,
        actor=actor,
        now=now,
    )
    draft = Draft(
        name=CAMPAIGN,
        issuer=Issuer.PLATFORM,
        kind=CouponKind.FULL_REDUCTION,
        threshold_fen=10_000,
        amount_fen=1_500,
        quantity=1_000,
        per_user_limit=2,
        claim_from=now,
        claim_until=now + timedelta(days=90),
        use_until=now + timedelta(days=120),
        funding=(
            WantedFunding(Funder.PLATFORM, 7_000, budget.reference),
            WantedFunding(Funder.SHOP, 3_000),
        ),
        scope=WantedScope(sections=("hubei",)),
    )
    batch = batches.draft(draft, actor=actor, now=now)
    _name(batch, examples.BATCH)
    batch.refresh_from_db()
    for shop in Shop.objects.filter(state="OPEN").order_by("pk"):
        acceptance.accept(batch.reference, shop=shop, actor=SYSTEM, now=now)
    # By the market itself: its section gets its members from a worker, which comes later.
    for action in ("submit", "approve"):
        deciding.decide(batch.reference, action, actor=SYSTEM, now=now)
    return True


def _name(row: Model, reference: str) -> None:
    # Before anybody refers to it, a row gets the id by which the examples know it.
    type(row)._default_manager.filter(pk=row.pk).update(reference=reference)  # noqa: SLF001


def _shop_of(owner: User) -> Shop | None:
    return Shop.objects.filter(members__user=owner).order_by("pk").first()


def _template_of(shop: Shop) -> UUID | None:
    template = FreightTemplate.objects.filter(shop=shop).order_by("pk").first()
    return template.reference if template else None


def _picture(owner: User, now: datetime) -> UUID:
    drawn = io.BytesIO()
    Image.new("RGB", (600, 400), (232, 240, 224)).save(drawn, "PNG")
    size = drawn.tell()
    drawn.seek(0)
    return handing_in.receive(owner.pk, drawn, size, Purpose.LICENCE, now=now).reference


def is_wanted() -> bool:
    """Tell whether a demonstration may stand here: only where practising is switched on."""
    return bool(settings.MARKETPLACE_SANDBOX)
