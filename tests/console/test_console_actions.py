"""Every action of the console does what its service does, and says so when that refuses."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.audit.actors import Actor
from core.audit.models import StateLog
from core.outbox.models import Delivery
from core.transactions import entry
from logistics.parcels.models import Parcel
from marketplace.coupons.domain.drafts import WantedScope
from marketplace.coupons.models import CodeRun, UserCoupon
from orders.payments.models import Payment, Refund
from shops.storefronts.models import Shop
from shops.storefronts.services import reviewing
from tests.factories import (
    abuse,
    accounts,
    catalogue,
    coupons,
    payments,
    sections,
    storefronts,
)
from tests.support import desk
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


def test_a_shop_is_approved_suspended_and_reopened_in_the_name_of_the_reviewer(market):
    reviewer = desk.staff(Role.REVIEWER)
    browser, shop = desk.seat(reviewer), market.waiting_shop

    for action, state in (("approve", "OPEN"), ("suspend", "SUSPENDED"), ("reopen", "OPEN")):
        desk.act(browser, action, shop, reason="证照齐全")
        shop.refresh_from_db()
        assert shop.state == state

    last = StateLog.objects.filter(subject="shop", subject_id=shop.pk).latest("id")
    assert (last.actor, last.reason) == (reviewer, "证照齐全")


def test_a_shop_is_sent_back_only_with_a_reason(boss, market):
    shop = market.waiting_shop

    assert "请填写原因" in desk.act(boss, "reject", shop)
    shop.refresh_from_db()
    assert shop.state == "IN_REVIEW"

    desk.act(boss, "reject", shop, reason="照片不清楚")
    shop.refresh_from_db()
    assert (shop.state, shop.decision_reason) == ("REJECTED", "照片不清楚")


def test_what_does_not_fit_the_state_is_said_and_changes_nothing(boss, market):
    shown = desk.act(boss, "reopen", market.waiting_shop)

    assert "ILLEGAL_TRANSITION" in shown
    market.waiting_shop.refresh_from_db()
    assert market.waiting_shop.state == "IN_REVIEW"


def test_refusals_of_many_rows_are_said_once(boss):
    shops = [storefronts.open_shop(name=f"果园之{n}") for n in range(3)]

    shown = desk.act(boss, "approve", *shops)

    assert shown.count("ILLEGAL_TRANSITION") == 1
    assert all(shop.name in shown for shop in shops)


def test_an_action_from_the_page_of_a_row_leads_back_to_it(boss, market):
    shop = market.waiting_shop
    address = reverse("admin:storefronts_shop_changelist")
    said = {"action": "approve", "_selected_action": [shop.pk], "_from_row": shop.pk}

    assert boss.post(address, said).url == desk.one(shop)
    said["_from_row"] = "//elsewhere.example"
    assert boss.post(address, said).url.startswith("/admin/")


def test_the_page_of_a_row_offers_what_can_be_done_to_it_now(boss, market):
    def offered(row):
        return [name for name, _ in boss.get(desk.one(row)).context["acts"]]

    assert offered(market.waiting_shop) == ["approve", "reject"]
    assert offered(market.shop) == ["suspend"]
    assert offered(market.product) == ["withdraw"]
    assert offered(market.delivery) == []
    assert offered(market.drafted) == ["submit"]


def test_waiting_shops_come_first(boss, market):
    storefronts.open_shop()

    listed = boss.get(reverse("admin:storefronts_shop_changelist")).context["cl"].result_list

    assert listed[0] == market.waiting_shop


def test_a_product_is_taken_off_sale(boss, market):
    desk.act(boss, "withdraw", market.product, reason="检测不合格")

    market.product.refresh_from_db()
    assert market.product.state == "WITHDRAWN"


def test_a_parked_delivery_is_run_again(boss, market, now):
    Delivery.objects.filter(pk=market.delivery.pk).update(
        state="PARKED", parked_at=now, done_at=None, failure="boom"
    )

    assert "重新投递 1 项" in desk.act(boss, "run_again", market.delivery)

    market.delivery.refresh_from_db()
    assert (market.delivery.state, market.delivery.attempts) == ("PENDING", 0)


def test_a_parked_parcel_is_asked_about_again(boss, market, now):
    Parcel.objects.filter(pk=market.parcel.pk).update(
        parked_at=now, next_attempt_at=None, failure="refused"
    )

    desk.act(boss, "ask_again", market.parcel)

    market.parcel.refresh_from_db()
    assert (market.parcel.parked_at, market.parcel.failure) == (None, "")
    assert market.parcel.next_attempt_at is not None


def test_a_parked_refund_is_sent_again(boss, market):
    assert "ILLEGAL_TRANSITION" in desk.act(boss, "send_again", market.refund)
    Refund.objects.filter(pk=market.refund.pk).update(state="PARKED")

    desk.act(boss, "send_again", market.refund)

    market.refund.refresh_from_db()
    assert market.refund.state == "REQUESTED"


def test_the_provider_is_asked_about_a_held_payment(boss, market, now):
    payment = market.payment
    payments.call_back(payment, now=now, amount_fen=payment.amount_fen + 1)
    payment.refresh_from_db()
    assert payment.state == "QUARANTINED"

    desk.act(boss, "ask_provider", payment)

    # The practice provider knows of no capture, so its books close the payment.
    assert Payment.objects.get(pk=payment.pk).state == "CLOSED"


def test_a_batch_is_led_through_its_life(boss):
    batch = coupons.a_batch(active=False)

    for action, state in (
        ("submit", "REVIEW"),
        ("approve", "ACTIVE"),
        ("pause", "PAUSED"),
        ("resume", "ACTIVE"),
        ("end", "ENDED"),
        ("close", "CLOSED"),
    ):
        desk.act(boss, action, batch)
        batch.refresh_from_db()
        assert batch.state == state


def test_the_outlook_of_a_batch_stands_on_a_page_and_stops_its_approval(boss):
    section = sections.a_section(regions=["420527"])
    batch = coupons.a_batch(active=False, scope=WantedScope(sections=(section.slug,)))
    page = desk.one(batch).replace("change/", "see/outlook/")

    desk.act(boss, "submit", batch)
    assert "适用范围内目前没有在售商品" in boss.get(page).content.decode()
    assert "BATCH_SCOPE_EMPTY" in desk.act(boss, "approve", batch)

    product = catalogue.a_product(price_fen=20_001)
    deliver_all(timezone.now())
    shown = boss.get(page).content.decode()
    assert product.title in shown
    assert "¥170.01" in shown
    assert page in boss.get(desk.one(batch)).content.decode()
    desk.act(boss, "approve", batch)
    batch.refresh_from_db()
    assert batch.state == "ACTIVE"
    assert boss.get(page).status_code == 404


def test_so_much_money_is_approved_by_somebody_else(settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = 1_000
    author, other = (desk.staff(Role.CAMPAIGN_MANAGER) for _ in range(2))
    batch = coupons.a_batch(active=False, actor=Actor(author.pk))
    browser = desk.seat(author)

    desk.act(browser, "submit", batch)
    assert "SECOND_OFFICER_NEEDED" in desk.act(browser, "approve", batch)

    desk.act(desk.seat(other), "approve", batch)
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by_id) == ("ACTIVE", other.pk)


def test_a_section_is_opened_and_closed(boss):
    section = sections.a_section(state="DRAFT", regions=["420000"])

    for action, state in (("open", "OPEN"), ("close", "CLOSED")):
        desk.act(boss, action, section)
        section.refresh_from_db()
        assert section.state == state


def test_many_shops_are_approved_at_once(boss):
    shops = [storefronts.with_papers(storefronts.a_shop()) for _ in range(5)]
    for shop in shops:
        owner = Actor(shop.members.get().user_id)
        entry(reviewing.submit)(shop, actor=owner, now=storefronts.FOUNDED)

    shown = desk.act(boss, "approve", *shops)

    assert "已完成 5 项" in shown
    assert set(Shop.objects.values_list("state", flat=True)) == {"OPEN"}


def test_stock_and_origin_stand_on_the_page_of_a_product(boss):
    product = catalogue.a_product(price_fen=1_990, stock=100, net_weight_g=2_500)

    shown = boss.get(desk.one(product)).content.decode()

    for said in ("¥19.90", "2.5 kg", "可售 100", "秭归县 420527"):
        assert said in shown


def test_codes_are_made_stopped_and_gone_on_with(boss):
    batch = coupons.a_batch(by_code=True, quantity=5)

    def offered():
        return [name for name, _ in boss.get(desk.one(batch)).context["acts"]]

    assert offered() == ["pause", "end", "void", "make_codes"]
    desk.act(boss, "make_codes", batch)
    assert CodeRun.objects.get().state == "WRITING"
    assert "stop_codes" in offered()
    desk.act(boss, "stop_codes", batch, reason="纸张不对")
    assert "go_on_with_codes" in offered()
    desk.act(boss, "go_on_with_codes", batch)
    assert CodeRun.objects.get().state == "WRITING"
    assert "0 / 5" in boss.get(desk.one(batch)).content.decode()
    assert "make_codes" not in [
        name for name, _ in boss.get(desk.one(coupons.a_batch())).context["acts"]
    ]


def test_a_batch_is_voided_with_a_reason_only(boss):
    batch = coupons.a_batch()

    desk.act(boss, "void", batch)
    batch.refresh_from_db()
    assert batch.state == "ACTIVE"

    desk.act(boss, "void", batch, reason="刷券")
    batch.refresh_from_db()
    assert batch.state == "CLOSED"
    acts = boss.get(desk.one(batch)).context["acts"]
    assert "void" not in [name for name, _ in acts]


def test_a_ring_is_voided_from_one_of_its_traces(now):
    operator = desk.staff(Role.OPERATOR)
    browser, people = desk.seat(operator), [accounts.a_user() for _ in range(4)]
    # The last of them is one too many on this device, so it is to be looked at.
    traces = [abuse.a_trace(person, now=now) for person in people]
    batch = coupons.a_batch()
    owned = [coupons.a_coupon(person, batch, now) for person in people]
    assert tuple(name for name, _ in browser.get(desk.one(traces[-1])).context["acts"]) == (
        "void_ring",
    )

    desk.act(browser, "void_ring", traces[-1])
    assert not UserCoupon.objects.filter(state="VOIDED").exists()

    desk.act(browser, "void_ring", traces[-1], reason="刷券")

    assert UserCoupon.objects.filter(state="VOIDED").count() == len(owned)
    log = StateLog.objects.filter(subject="user_coupon", action="void").latest("id")
    assert (log.actor, log.reason) == (operator, "刷券")
