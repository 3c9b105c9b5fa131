"""The same world with everybody else in it, and a mark on whatever is somebody's.

A mark is a word that stands nowhere else: an answer that holds it has shown that thing.
"""

import io
from datetime import timedelta
from functools import cached_property

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from core.accounts.domain.roles import Role, Scope
from core.accounts.models import Address, RoleMembership, User
from core.accounts.sealing import blind_index
from core.accounts.services import granting, living, people
from core.audit.actors import Actor
from logistics.parcels.models import Parcel
from orders.placement.models import Order, ShopOrder
from shops.storefronts.models import Licence, Shop
from shops.storefronts.services import membership, reviewing
from tests.factories import (
    accounts,
    campaigns,
    catalogue,
    coupons,
    orders,
    reductions,
    sections,
    storefronts,
)
from tests.support.world import World

# Everything of the world lies in Zigui, Hubei.
HERE, ELSEWHERE = "420000", "430000"


def mark(thing: str) -> str:
    """Return the word by which something is known again; letters and digits only."""
    return f"mark{thing.replace('.', '')}mark"


class Town(World):
    """The world of `World` and, around it, everybody who has no business there."""

    # --- People ---

    @cached_property
    def buyer(self) -> User:
        return self._somebody("buyer")

    @cached_property
    def seller(self) -> User:
        return self._somebody("seller")

    @cached_property
    def stranger(self) -> User:
        """A buyer with a life of their own, who knows every id."""
        stranger = self._somebody("stranger")
        accounts.an_address(stranger)
        return stranger

    @cached_property
    def rival(self) -> User:
        """Somebody with another open shop and goods in it."""
        rival = self._somebody("rival")
        catalogue.a_product(storefronts.open_shop(owner=rival, name="别家"))
        return rival

    @cached_property
    def clerk(self) -> User:
        return self._named(World.clerk.func(self), "clerk")

    def official(self, region: str) -> User:
        """Return somebody whose region has given them every role there is."""
        person = accounts.a_user()
        with transaction.atomic():
            body = granting.found_organisation(
                name=f"Bureau {region}", region=region, now=accounts.JOINED
            )
        # As rows: the service gives nobody a role for a region that has none.
        RoleMembership.objects.bulk_create(
            RoleMembership(user=person, role=role, organisation=body, granted_at=accounts.JOINED)
            for role in Role
        )
        return person

    def staff(self, *roles: Role) -> User:
        """Return somebody who holds these roles for the whole country, and no other."""
        person = accounts.a_user()
        with transaction.atomic():
            for role in roles:
                granting.grant_role(person.pk, role, now=accounts.JOINED)
        return person

    def agent(self, name: str, scopes: list[Scope]) -> User:
        """Return the keeper of a station, who may do this for the buyer and for the seller."""
        keeper = self._somebody(name)
        with transaction.atomic():
            for principal in (self.buyer, self.seller):
                granting.give_mandate(
                    principal_id=principal.pk,
                    agent_id=keeper.pk,
                    scopes=scopes,
                    valid_from=self.now - timedelta(days=1),
                    valid_until=self.now + timedelta(days=1),
                )
        return keeper

    # --- Things with a mark ---

    @cached_property
    def address(self) -> Address:
        return self._place("home")

    @cached_property
    def order(self) -> Order:
        return self._order("unpaid")

    @cached_property
    def paid(self) -> Order:
        return orders.planned(orders.paid_for(self._order("sent"), self.now), self.now)

    @cached_property
    def own_shop_order(self) -> ShopOrder:
        # The platform's parcel first: from now on the shop posts by itself.
        assert self.parcel
        Shop.objects.filter(pk=self.shop.pk).update(fulfilment="SELF")
        order = orders.planned(orders.paid_for(self._order("posted"), self.now), self.now)
        return ShopOrder.objects.get(order=order)

    @cached_property
    def parcel(self) -> Parcel:
        return World.parcel.func(self)

    @cached_property
    def shop(self) -> Shop:
        return self._marked(storefronts.open_shop(owner=self.seller), "open")

    @cached_property
    def new_shop(self) -> Shop:
        shop = storefronts.with_papers(storefronts.a_shop(self.seller, name=mark("new.name")))
        with transaction.atomic():
            membership.add(shop, self.clerk.phone, now=storefronts.FOUNDED)
        return self._marked(shop, "new")

    @cached_property
    def waiting_shop(self) -> Shop:
        shop = storefronts.with_papers(storefronts.a_shop(self.seller, name=mark("waiting.name")))
        with transaction.atomic():
            reviewing.submit(shop, actor=Actor(self.seller.pk), now=storefronts.FOUNDED)
        return self._marked(shop, "waiting")

    @cached_property
    def draft(self):
        return catalogue.a_product(self.shop, published=False, title=mark("draft.title"))

    @cached_property
    def section(self):
        return sections.a_section("a-hall", regions=[HERE])

    @cached_property
    def hidden_section(self):
        return sections.a_section("hidden", state="DRAFT", regions=[HERE], intro=mark("hall.intro"))

    @cached_property
    def template(self):
        template = World.template.func(self)
        type(template).objects.filter(pk=template.pk).update(name=mark("template.name"))
        return template

    @cached_property
    def shops_batch(self):
        return coupons.a_batch(self.shop, active=False, name=mark("own-batch.name"), **self.windows)

    @cached_property
    def reduction(self):
        """One that is to begin later: until then only the shop knows of it."""
        window = {"starts_at": self.now + timedelta(5), "ends_at": self.now + timedelta(7)}
        return reductions.a_reduction(
            self.shop, now=self.now, name=mark("reduction.name"), **window
        )

    @cached_property
    def planned_campaign(self):
        """One that is being prepared: until it is scheduled only staff know of it."""
        return campaigns.a_campaign(
            "to-come",
            now=self.now,
            scheduled=False,
            name=mark("plan.name"),
            name_en=mark("plan.name"),
        )

    @cached_property
    def drafted(self):
        return coupons.a_batch(active=False, name=mark("draft-batch.name"), **self.windows)

    @cached_property
    def budget(self):
        budget = World.budget.func(self)
        type(budget).objects.filter(pk=budget.pk).update(name=mark("budget.name"))
        return budget

    @cached_property
    def funded(self):
        budget = World.funded.func(self)
        type(budget).objects.filter(pk=budget.pk).update(name=mark("funded.name"))
        return budget

    # --- Looking for marks ---

    def settle(self) -> dict[str, str]:
        """Make everything there is, and return all marks: a name for each word to look for."""
        # In this order: what the platform posts comes before what the shop posts by itself.
        for thing in (
            *("stranger", "rival", "address", "order", "parcel", "payment", "own_shop_order"),
            *("line", "clerk", "new_shop", "waiting_shop", "licence", "draft", "sku", "template"),
            *("section", "hidden_section", "batch", "coupon", "drafted", "shared", "shops_batch"),
            *("hold", "co_branded", "item", "county_hall", "mark", "pairing", "programme", "trace"),
            *("group_buy", "team", "reduction", "presale", "preorder", "flash_sale"),
            *("campaign", "planned_campaign", "enrolment"),
            *("coded", "coding", "officer"),
        ):
            getattr(self, thing)
        self.furnish()
        return self._marks()

    def _marks(self) -> dict[str, str]:
        found = {"coupon.id": str(self.coupon.reference), "payment.id": str(self.payment.reference)}
        found["coupon.code"] = coupons.codes_of(self.coded)[1]
        found["parcel.waybill"] = Parcel.objects.get(pk=self.parcel.pk).waybill_no
        # How a county begins in a report; nowhere else does an object begin with its origin.
        found["sales.county"] = '{"origin":{"code":"420527"'
        found["papers.file"] = "/media/private/"
        for who in ("buyer", "seller", "stranger", "rival", "clerk"):
            found[f"{who}.name"] = mark(f"{who}.name")
            found[f"{who}.phone"] = getattr(self, who).phone.removeprefix("+86")
        for name, phone in self._phones.items():
            found |= {f"{name}.{part}": mark(f"{name}.{part}") for part in ("recipient", "street")}
            found[f"{name}.phone"] = phone.removeprefix("+86")
        for name, order in (("unpaid", self.order), ("sent", self.paid)):
            found[f"{name}.remark"], found[f"{name}.number"] = mark(f"{name}.remark"), order.number
        posted = self.own_shop_order
        found |= {"posted.remark": mark("posted.remark"), "posted.number": posted.order.number}
        found |= {"sent.part": self.shop_order.number, "posted.part": posted.number}
        for thing in ("new.name", "waiting.name", "new.paper", "waiting.paper", "open.paper"):
            found[thing] = mark(thing)
        for thing in ("draft.title", "hall.intro", "template.name", "budget.name", "funded.name"):
            found[thing] = mark(thing)
        for thing in ("own-batch.name", "draft-batch.name", "reduction.name", "plan.name"):
            found[thing] = mark(thing)
        return found

    @cached_property
    def _phones(self) -> dict[str, str]:
        return {}

    def _somebody(self, name: str) -> User:
        return self._named(accounts.a_user(), name)

    def _named(self, person: User, name: str) -> User:
        with transaction.atomic():
            people.rename(person.pk, mark(f"{name}.name"))
        return person

    def _place(self, name: str) -> Address:
        self._phones[name] = accounts.a_phone()
        place = accounts.an_address(self.buyer)
        words = {"recipient": mark(f"{name}.recipient"), "street": mark(f"{name}.street")}
        with transaction.atomic():
            return living.change_address(
                self.buyer.pk, place.reference, words | {"phone": self._phones[name]}
            )

    def _order(self, name: str) -> Order:
        checkout = orders.a_checkout(
            self.buyer,
            [(self.product, 1)],
            now=self.now,
            address=self._place(name).reference,
            remark=mark(f"{name}.remark"),
        )
        return orders.place(self.buyer, checkout, self.now)

    def _marked(self, shop: Shop, name: str) -> Shop:
        number = mark(f"{name}.paper")
        paper = Licence.objects.filter(shop=shop).order_by("id").first()
        index = blind_index("licence", f"{paper.kind} {number.upper()}")
        Licence.objects.filter(pk=paper.pk).update(number=number, number_index=index)
        return shop


def a_picture() -> SimpleUploadedFile:
    """Return a small photo, as a phone would send it."""
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(written, "JPEG")
    return SimpleUploadedFile("orange.jpg", written.getvalue(), content_type="image/jpeg")
