"""People at the console, and one thing of every kind for them to look at."""

from uuid import uuid4

from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.accounts.services import lockout
from core.console.pages import ReadPage
from core.outbox.models import Delivery
from core.regions.selectors import divisions
from logistics.freight.domain.holding import HoldKind
from orders.payments.domain.states import RefundReason
from orders.payments.models import Refund
from orders.payments.services import refunding
from shops.catalogue.selectors import tree
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
)
from tests.support.world import World


def pages() -> list[ReadPage]:
    """Every page of the console, in a stable order."""
    registered = admin.site._registry.values()
    return sorted(registered, key=lambda page: page.opts.label)


def superuser() -> User:
    return User.objects.create_superuser(f"root {uuid4()}", "password", name="值班主管")


def staff(role: Role, region: str = "") -> User:
    """Return somebody with a role who may enter the console."""
    return let_in(accounts.a_staff(role, region))


def let_in(person: User) -> User:
    """Let somebody enter the console with the roles they have."""
    User.objects.filter(pk=person.pk).update(is_staff=True, username=f"staff {person.pk}")
    return User.objects.get(pk=person.pk)


def seat(person: User, language: str = "zh-Hans") -> Client:
    """Return a browser in which somebody has signed in."""
    browser = Client(HTTP_ACCEPT_LANGUAGE=language)
    browser.force_login(person)
    return browser


def listed(page: ReadPage) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")


def one(row: object) -> str:
    options = row._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])


def listed_of(row: object) -> str:
    options = row._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_changelist")


def act(browser: Client, action: str, *rows: object, reason: str = "") -> str:
    """Choose an action for rows in their list; return the page that follows."""
    options = rows[0]._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    said = {"action": action, "_selected_action": [row.pk for row in rows], "reason": reason}
    return browser.post(address, said, follow=True).content.decode()


def do(browser: Client, row: object, name: str, said: dict) -> object:
    """Send the form of one thing."""
    options = row._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_deed", args=[row.pk, name])
    return browser.post(address, said)


def errors_of(answer: object) -> dict:
    """Return what a form was refused for, by field."""
    return dict(answer.context["errors"])


def a_refund(order, now) -> Refund:
    """Return money that is to go back although the order was paid."""
    payment = payments.a_payment(order, now=now)
    payments.call_back(payment, now=now)
    payment.refresh_from_db()
    with transaction.atomic():
        refunding.request(payment, amount_fen=100, reason=RefundReason.WRONG_AMOUNT, now=now)
    return Refund.objects.get(payment=payment)


def fill(now) -> World:
    """Put one thing of every kind on the tables of the console."""
    world = World()
    world.now = now
    world.refund = a_refund(orders.an_order(accounts.a_user(), [(world.product, 1)], now=now), now)
    assert world.parcel
    assert world.payment
    assert world.waiting_shop
    world.hall = sections.a_section(regions=["420000"], programmes=["832"])
    assert world.item
    assert world.mark
    assert world.pairing
    assert world.trace
    assert world.programme
    assert world.hold
    assert world.team
    assert world.preorder
    assert world.reduction
    assert world.flash_sale
    assert world.campaign
    assert world.enrolment
    world.coupon = coupons.a_coupon(world.buyer, world.batch, now)
    world.delivery = Delivery.objects.order_by("id").first()
    lockout.begin("somebody", remote_address="203.0.113.9", now=now)
    return world


def more(world: World) -> None:
    """Put further things of every kind beside those that are there."""
    for number in range(2):
        shop = storefronts.open_shop()
        product = catalogue.a_product(shop)
        order = orders.planned(
            orders.an_order(accounts.a_user(), [(product, 2)], paid=True, now=world.now), world.now
        )
        assert order
        a_refund(orders.an_order(accounts.a_user(), [(product, 1)], now=world.now), world.now)
        sections.a_section(regions=["420000"], programmes=["832"])
        sections.an_item(sections.a_co_branded_section(regions=["420000"]), product)
        regions.a_pairing(helped=f"{420500 + 100 * number}")
        regions.a_programme()
        for _ in range(2):
            abuse.a_trace(now=world.now)
        sections.authorise(sections.a_brand(kind="REGIONAL"), shop)
        coupons.a_coupon(accounts.a_user(), coupons.a_batch(**world.windows), world.now)
        reductions.a_reduction(shop, product, now=world.now)
        presales.with_deposit(now=world.now)
        groupbuys.a_team(now=world.now)
        activities.a_flash_sale(catalogue.a_product(shop, price_fen=3_990), now=world.now)
        campaign = campaigns.a_campaign(now=world.now)
        campaigns.approved(campaigns.an_enrolment(campaign, product, world.now), world.now)
        freight.a_hold("420527", kind=HoldKind.DELAY, now=world.now)
        lockout.begin(str(uuid4()), remote_address="203.0.113.9", now=world.now)


def forget() -> None:
    """Read what processes keep anew, so that statements can be counted."""
    divisions.forget_names()
    tree.forget()
