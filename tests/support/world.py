"""Somebody of each kind and one thing of each, for tests that walk every address."""

from datetime import timedelta
from functools import cached_property

from django.db import transaction
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.audit.actors import Actor
from core.uploads.models import Purpose
from logistics.freight.domain.tariff import ChargeBy, Mode, Rule, Tariff
from logistics.freight.models import FreightTemplate
from logistics.freight.services import templates
from logistics.parcels.models import Parcel
from logistics.parcels.services import asking
from marketplace.coupons.services import acceptance
from marketplace.sections.services import membership as members_of_sections
from marketplace.sections.services import pins
from orders.baskets.services import baskets
from orders.placement.models import OrderLine, ShopOrder
from shops.catalogue.services import stock
from shops.storefronts.models import Licence, Shop
from shops.storefronts.services import membership, reviewing
from tests.factories import (
    abuse,
    accounts,
    activities,
    campaigns,
    catalogue,
    coupons,
    freight,
    groupbuys,
    orders,
    payments,
    presales,
    reductions,
    regions,
    sections,
    storefronts,
    uploads,
)


class World:
    """Somebody of each kind, and one thing of each; made when first asked for."""

    def __init__(self) -> None:
        self.now = timezone.now()

    @cached_property
    def buyer(self):
        return accounts.a_user()

    @cached_property
    def seller(self):
        return accounts.a_user()

    @cached_property
    def reviewer(self):
        return accounts.a_staff(Role.REVIEWER)

    @cached_property
    def curator(self):
        return accounts.a_staff(Role.SECTION_MANAGER)

    @cached_property
    def campaigner(self):
        return accounts.a_staff(Role.CAMPAIGN_MANAGER)

    @cached_property
    def reader(self):
        return accounts.a_staff(Role.REPORTS)

    @cached_property
    def operator(self):
        return accounts.a_staff(Role.OPERATOR)

    @cached_property
    def hold(self):
        """A hold far away from everything here."""
        return freight.a_hold("540000", now=self.now)

    @cached_property
    def shop(self):
        return storefronts.open_shop(owner=self.seller)

    @cached_property
    def clerk(self):
        """Somebody who works in the seller's shop and does not own it."""
        clerk = accounts.a_user()
        with transaction.atomic():
            membership.add(self.shop, clerk.phone, now=storefronts.FOUNDED)
        return clerk

    @cached_property
    def new_shop(self):
        return storefronts.with_papers(storefronts.a_shop(owner=self.seller))

    @cached_property
    def waiting_shop(self):
        shop = self.new_shop
        with transaction.atomic():
            reviewing.submit(shop, actor=Actor(user_id=self.seller.pk), now=storefronts.FOUNDED)
        return shop

    @cached_property
    def licence(self):
        shop = self.waiting_shop
        return Licence.objects.filter(shop=shop).order_by("id").first()

    @cached_property
    def product(self):
        return catalogue.a_product(self.shop)

    @cached_property
    def draft(self):
        return catalogue.a_product(self.shop, published=False)

    @cached_property
    def sku(self):
        return self.product.skus.order_by("id").first()

    @cached_property
    def address(self):
        return accounts.an_address(self.buyer)

    @cached_property
    def section(self):
        return sections.a_section("a-hall")

    @cached_property
    def co_branded(self):
        return sections.a_co_branded_section("Bureau 420000", slug="joint", regions=["420000"])

    @cached_property
    def partner(self):
        return accounts.a_partner(self.co_branded)

    @cached_property
    def item(self):
        return sections.an_item(self.co_branded, self.product)

    @cached_property
    def county_hall(self):
        listing = sections.sections.Listing("京东", "https://zigui.jd.example/")
        return sections.a_hall(slug="zigui", story="屈原故里", listings=[listing])

    @cached_property
    def brand(self):
        return sections.a_brand()

    @cached_property
    def authorised(self):
        """A brand that the seller's shop may use."""
        sections.authorise(self.brand, self.shop)
        return self.brand

    @cached_property
    def mark(self):
        return sections.a_mark(self.authorised, self.product)

    @cached_property
    def trace(self):
        """One of four people on one device, so that it is to be looked at."""
        found = [abuse.a_trace(now=self.now) for _ in range(4)][-1]
        coupons.a_coupon(found.user, self.batch, self.now)
        return found

    @cached_property
    def pairing(self):
        """Shanghai helps Hubei."""
        return regions.a_pairing()

    @cached_property
    def programme(self):
        """A programme of Hubei's own, with one county."""
        return regions.a_programme()

    @cached_property
    def group_buy(self):
        product = catalogue.a_product(self.shop, price_fen=3_990)
        return groupbuys.a_group_buy(product, now=self.now)

    @cached_property
    def presale(self):
        product = catalogue.a_product(self.shop, price_fen=9_900)
        return presales.a_presale(product, now=self.now)

    @cached_property
    def preorder(self):
        """Somebody else's order in it, its deposit paid."""
        return presales.with_deposit(self.presale, now=self.now)

    @cached_property
    def own_preorder(self):
        """The buyer's order in another one, its deposit still to be paid."""
        product = catalogue.a_product(self.shop, price_fen=9_900)
        return presales.preordered(presales.a_presale(product, now=self.now), self.buyer, self.now)

    @cached_property
    def flash_sale(self):
        product = catalogue.a_product(self.shop, price_fen=3_990)
        return activities.a_flash_sale(product, now=self.now)

    @cached_property
    def reduction(self):
        return reductions.a_reduction(self.shop, now=self.now)

    @cached_property
    def campaign(self):
        """A campaign that runs and takes enrolments, and sells a product of the shop."""
        campaign = campaigns.a_campaign(
            "a-campaign", now=self.now, budget=self.budget.reference, **campaigns.running(self.now)
        )
        product = catalogue.a_product(self.shop)
        campaigns.approved(campaigns.an_enrolment(campaign, product, self.now), self.now)
        return campaign

    @cached_property
    def planned_campaign(self):
        """A campaign that is being prepared."""
        return campaigns.a_campaign("to-come", now=self.now, scheduled=False)

    @cached_property
    def enrolment(self):
        """What the seller's shop offers to the campaign; nobody has decided about it."""
        product = catalogue.a_product(self.shop)
        return campaigns.an_enrolment(self.campaign, product, self.now)

    @cached_property
    def team(self):
        """A team with a free seat; whoever leads it is nobody else of this world."""
        return groupbuys.a_team(self.group_buy, now=self.now)

    @cached_property
    def seat(self):
        """The buyer's seat in another team, still to be paid."""
        product = catalogue.a_product(self.shop, price_fen=3_990)
        return groupbuys.opened(
            groupbuys.a_group_buy(product, now=self.now), self.buyer, now=self.now
        )

    @cached_property
    def order(self):
        return orders.an_order(self.buyer, [(self.product, 1)], now=self.now)

    @cached_property
    def paid(self):
        return orders.planned(
            orders.an_order(self.buyer, [(self.product, 1)], paid=True, now=self.now), self.now
        )

    @cached_property
    def shop_order(self):
        return ShopOrder.objects.get(order=self.paid)

    @cached_property
    def own_shop_order(self):
        """A paid part of an order that its shop posts by itself."""
        Shop.objects.filter(pk=self.shop.pk).update(fulfilment="SELF")
        return ShopOrder.objects.get(
            order=orders.planned(
                orders.an_order(self.buyer, [(self.product, 1)], paid=True, now=self.now), self.now
            )
        )

    @cached_property
    def line(self):
        return OrderLine.objects.get(shop_order=self.own_shop_order)

    @cached_property
    def parcel(self):
        parcel = Parcel.objects.get(shop_order_reference=self.shop_order.reference)
        asking.ask_about(str(parcel.reference), now=self.now)
        return parcel

    @cached_property
    def payment(self):
        return payments.a_payment(self.order, now=self.now)

    @cached_property
    def template(self):
        rule = Rule(
            regions=frozenset(),
            first_unit=1_000,
            first_fee_fen=800,
            add_unit=1_000,
            add_fee_fen=200,
        )
        tariff = Tariff(charge_by=ChargeBy.WEIGHT, mode=Mode.PAID, rules=(rule,))
        with transaction.atomic():
            key = templates.create(self.shop.pk, templates.Draft("模板", tariff, 48), now=self.now)
        return FreightTemplate.objects.get(pk=key)

    @cached_property
    def budget(self):
        return coupons.a_budget()

    @cached_property
    def funded(self):
        """Money of an office of Hubei, which pays for a coupon that was used."""
        accounts.an_organisation("Bureau 420000", "420000")
        budget = coupons.a_budget(funder="GOVERNMENT", organisation="Bureau 420000")
        funding = (coupons.WantedFunding("GOVERNMENT", 10_000, budget.reference),)
        batch = coupons.a_batch(
            funding=funding, threshold_fen=1_000, amount_fen=100, **self.windows
        )
        coupon = coupons.a_coupon(self.buyer, batch, self.now)
        orders.an_order(self.buyer, [(self.product, 1)], paid=True, coupons=[coupon], now=self.now)
        return budget

    @cached_property
    def officer(self):
        return accounts.an_officer(self.funded.organisation_id)

    @cached_property
    def windows(self):
        return {
            "claim_from": self.now - timedelta(days=1),
            "claim_until": self.now + timedelta(days=5),
            "use_until": self.now + timedelta(days=9),
        }

    @cached_property
    def batch(self):
        return coupons.a_batch(**self.windows)

    @cached_property
    def drafted(self):
        return coupons.a_batch(active=False, **self.windows)

    @cached_property
    def coded(self):
        """A batch that is handed out by codes, all of them made."""
        batch = coupons.a_batch(by_code=True, quantity=3, **self.windows)
        return coupons.with_codes(batch, self.now)

    @cached_property
    def coding(self):
        """A batch whose codes are being made."""
        batch = coupons.a_batch(by_code=True, quantity=3, **self.windows)
        return coupons.with_codes(batch, self.now, made=False)

    @cached_property
    def coupon(self):
        return coupons.a_coupon(self.buyer, self.batch, self.now)

    @cached_property
    def shared(self):
        """A platform batch whose SHOP part waits for shops to bear it."""
        funding = (
            coupons.WantedFunding("PLATFORM", 5_000, self.budget.reference),
            coupons.WantedFunding("SHOP", 5_000),
        )
        return coupons.a_batch(active=False, funding=funding, **self.windows)

    @cached_property
    def shops_batch(self):
        return coupons.a_batch(self.shop, active=False, **self.windows)

    def furnish(self):
        """Put something into every list that these people can ask for."""
        actor = Actor(user_id=self.curator.pk)
        with transaction.atomic():
            baskets.put(self.buyer.pk, self.sku.reference, 2, check=lambda _: None, now=self.now)
            pins.pin(self.section, self.product.reference, position=1, actor=actor, now=self.now)
            acceptance.accept(self.shared.reference, shop=self.shop, actor=actor, now=self.now)
            stock.adjust(self.sku, change=5, reason="盘点", actor=actor, now=self.now)
        for name in (
            "hold",
            "item",
            "partner",
            "county_hall",
            "mark",
            "pairing",
            "programme",
            "trace",
            "group_buy",
            "seat",
            "presale",
            "preorder",
            "own_preorder",
            "reduction",
            "planned_campaign",
            "enrolment",
            "flash_sale",
            "officer",
        ):
            getattr(self, name)
        members_of_sections.refresh_everything(self.now)
        for name in ("order", "parcel", "coupon", "address", "template", "shops_batch", "licence"):
            getattr(self, name)

    def upload(self, purpose=Purpose.LICENCE):
        return str(uploads.an_upload(self.seller, purpose, at=self.now).reference)

    def instants(self, **days):
        return {
            name: (self.now + timedelta(days=after)).isoformat() for name, after in days.items()
        }
