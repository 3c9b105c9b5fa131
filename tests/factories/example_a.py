"""The market of worked example A (`domain.md` 2.2): two shops, four goods, two coupons."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from core.accounts.models import Address, User
from logistics.freight.domain.tariff import ChargeBy, Mode, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import templates
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import Funder
from marketplace.coupons.models import CouponBudget, UserCoupon
from marketplace.sections.services import membership, sections
from shops.catalogue.models import Product
from shops.storefronts.models import Shop
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_category, a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.storefronts import open_shop

OPENED = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class ExampleA:
    """Everything the example names."""

    buyer: User
    address: Address
    shops: tuple[Shop, Shop]
    goods: dict[str, Product]
    budget: CouponBudget
    shop_coupon: UserCoupon
    platform_coupon: UserCoupon

    def sku(self, name: str) -> str:
        """Return the id of a good's only SKU."""
        return str(self.goods[name].skus.get().reference)

    def lines(self, **quantities: int) -> list[dict[str, object]]:
        """Return the lines of a request."""
        return [{"sku": self.sku(name), "quantity": count} for name, count in quantities.items()]

    def coupons(self) -> list[str]:
        """Return the ids of both coupons."""
        return [str(self.shop_coupon.reference), str(self.platform_coupon.reference)]


def free_shipping(shop: Shop, no_ship: frozenset[str] = frozenset()) -> UUID:
    """Return a template of a shop that charges nothing, and does not send everywhere."""
    tariff = Tariff(ChargeBy.WEIGHT, Mode.FREE, (), (), no_ship)
    with transaction.atomic():
        key = templates.create(shop.pk, templates.Draft("包邮", tariff, 48), now=OPENED)
    return FreightTemplate.objects.get(pk=key).reference


def example_a() -> ExampleA:
    """Return the market of the example, with the sections that its goods stand in."""
    buyer = a_user()
    first, second = open_shop(region="420527"), open_shop(region="420527")
    citrus, kiwi = a_category("citrus"), a_category("kiwifruit")
    to_first, to_second = free_shipping(first), free_shipping(second, frozenset({"540000"}))
    goods = {
        "A1": a_product(first, 1_990, category=citrus, freight_template=to_first),
        "A2": a_product(first, 2_580, category=citrus, freight_template=to_first),
        "B1": a_product(second, 6_800, category=citrus, freight_template=to_second),
        "B2": a_product(second, 999, category=kiwi, freight_template=to_second),
    }
    sections.open_defaults(OPENED)
    with transaction.atomic():
        membership.refresh([product.pk for product in goods.values()], now=OPENED)
    budget = a_budget()
    platform_batch = a_batch(
        accepted_by=(first, second),
        scope=WantedScope(categories=(str(citrus.reference),)),
        funding=(
            WantedFunding(Funder.PLATFORM, 7_000, budget.reference),
            WantedFunding(Funder.SHOP, 3_000),
        ),
    )
    return ExampleA(
        buyer=buyer,
        address=an_address(buyer),
        shops=(first, second),
        goods=goods,
        budget=budget,
        shop_coupon=a_coupon(buyer, a_batch(first), OPENED),
        platform_coupon=a_coupon(buyer, platform_batch, OPENED),
    )
