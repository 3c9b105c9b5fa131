"""In a real browser: a campaign of every format is set up by hand, and buyers find it at its price.

With `PICTURES=docs/pictures` in the environment the pages are photographed for the manual.
"""

import json
import re
import uuid
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.audit.actors import SYSTEM
from marketplace.activities.services import activities
from marketplace.sections.services import sections
from orders.placement.models import Order
from tests.factories import accounts, catalogue, payments, storefronts
from tests.support import browser, desk
from tests.support.browser import Browser
from tests.support.clerk import Clerk, wall
from tests.support.outbox import deliver_all

pytestmark = browser.MARKS

PASSWORD = "correct horse battery"
COUNTED = re.compile(r"_fen|fen\b|\bbp\b|_bp\b")
# The list has room on an ordinary screen: nothing of it is pushed out at the right.
FITS = "(one => one.scrollWidth <= one.clientWidth)(document.querySelector('.overflow-x-auto'))"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def hour():
    """The hour that has begun: everything here starts with it."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def office(live_server):
    """Let campaign managers in, each in a window of their own."""

    def seat(name):
        person = desk.let_in(accounts.a_staff(Role.CAMPAIGN_MANAGER))
        person.username, person.name = name, name
        person.set_password(PASSWORD)
        person.save()
        clerk = Clerk(windows.enter_context(Browser()), live_server.url)
        clerk.enter(name, PASSWORD)
        return clerk

    with ExitStack() as windows:
        yield seat


@pytest.fixture
def shop():
    return storefronts.open_shop(name="屈原镇果园", region="420527")


@pytest.fixture
def buyer():
    return accounts.a_user()


@pytest.fixture
def ask(client):
    """Ask the API, as somebody or as nobody."""

    def call(method, address, body=None, user=None):
        answer = client.generic(
            method,
            f"/api/v1/{address}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()),
            **(accounts.bearer(user) if user else {}),
        )
        assert answer.status_code in (200, 201), answer.json()
        return answer.json()

    return call


def sku_of(product):
    return str(product.skus.get().reference)


def at_peace(clerk):
    """Nothing went wrong on any page, and none spoke of fen."""
    assert clerk.window.complaints == []
    assert not [page for page in clerk.met if COUNTED.search(page)]


def quoted(ask, buyer, product, quantity=1, **more):
    line = {"sku": sku_of(product), "quantity": quantity}
    return ask("POST", "quotes", {"lines": [line], "region": "310101", **more}, buyer)


def a_section_of_hubei():
    with transaction.atomic():
        return sections.create(
            slug="hubei",
            name="湖北专区",
            name_en="Hubei",
            state="OPEN",
            regions=["420000"],
            actor=SYSTEM,
            now=catalogue.LISTED,
        )


def test_coupons_from_the_budget_of_a_section(office, ask, shop, buyer, hour, settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = 0
    orange = catalogue.a_product(shop, title="秭归脐橙 伦晚", price_fen=6_800)
    a_section_of_hubei()
    deliver_all(timezone.now())
    clerk = office("梁静")

    clerk.visit("优惠券预算")
    clerk.begin()
    clerk.fill([("名称", "湖北专区消费券预算"), ("出资方", "平台"), ("预算总额", "20,000")])
    clerk.save()
    assert "¥20,000.00" in clerk.read()

    clerk.visit("优惠券批次")
    clerk.begin()
    clerk.fill(
        [
            ("批次名称", "湖北专区满 100 减 20"),
            ("优惠类型", "满减"),
            ("满额门槛", "100"),
            ("优惠金额", "20.00"),
            ("发行数量", "1,000"),
            ("每人限领", "1"),
            ("预算锁定方式", "领取时锁定"),
            ("领取开始", wall(hour)),
            ("领取截止", wall(hour + 10 * DAY)),
            ("使用截止", wall(hour + 20 * DAY)),
            ("专区", "湖北专区"),
            ("平台承担", "100"),
            ("预算", "湖北专区消费券预算"),
        ]
    )
    clerk.save()
    clerk.press("提交审核")
    at_peace(clerk)
    other = office("陈默")
    other.visit("优惠券批次")
    other.press("湖北专区满 100 减 20")
    other.press("通过并启用")
    other.window.keep("console-batch")
    at_peace(other)

    (offer,) = ask("GET", "coupon-batches?section=hubei", user=buyer)["results"]
    assert (offer["name"], offer["amount_fen"]) == ("湖北专区满 100 减 20", 2_000)
    coupon = ask("POST", f"coupon-batches/{offer['id']}/claims", {}, buyer)
    quote = quoted(ask, buyer, orange, 2, coupons=[coupon["id"]])
    assert (quote["goods_fen"], quote["discount_fen"]) == (13_600, 2_000)


def test_a_campaign_of_the_calendar_with_goods_of_a_shop(office, ask, shop, buyer, hour):
    orange = catalogue.a_product(shop, title="秭归九月红", price_fen=5_900)
    seller = shop.members.get(role="OWNER").user
    a_section_of_hubei()
    clerk = office("梁静")

    clerk.visit("营销活动")
    clerk.begin()
    clerk.fill(
        [
            ("模板", "助农专场"),
            ("活动开始", wall(hour)),
            ("网址标识", "hubei-harvest"),
            ("名称", "湖北柑橘助农周"),
            ("介绍", "三峡两岸的柑橘，产地直发。"),
            ("专区", "湖北专区"),
            ("报名开始", wall(hour - 7 * DAY)),
            ("报名截止", wall(hour + 2 * DAY)),
            ("预热开始", wall(hour - 3 * DAY)),
            ("活动结束", wall(hour + 14 * DAY)),
        ]
    )
    clerk.save()
    clerk.press("排期上线")
    offer = {"sku": sku_of(orange), "price_fen": 4_580, "quantity": 30, "per_user_limit": 2}
    ask(
        "POST",
        f"seller/shops/{shop.reference}/enrolments",
        {"campaign": "hubei-harvest", **offer},
        seller,
    )
    clerk.visit("活动报名")
    clerk.press("秭归九月红 5斤装")
    assert "¥45.80 / ¥59.00" in clerk.read()
    clerk.press("通过")
    clerk.visit("营销活动")
    clerk.press("湖北柑橘助农周")
    clerk.press("复制为新活动")
    clerk.fill(
        [
            ("网址标识", "hubei-year-end"),
            ("名称", "湖北柑橘年终专场"),
            ("活动开始", wall(hour + 20 * DAY)),
        ]
    )
    clerk.save()
    clerk.visit("营销活动")
    clerk.press("活动日历")
    assert "湖北柑橘助农周" in clerk.read()
    assert "进行中" in clerk.read()
    clerk.window.keep("console-calendar")
    at_peace(clerk)

    page = ask("GET", "campaigns/hubei-harvest")
    assert (page["state"], page["name"]) == ("RUNNING", "湖北柑橘助农周")
    assert [one["campaign_price"]["price_fen"] for one in page["products"]] == [4_580]
    (line,) = quoted(ask, buyer, orange)["shops"][0]["lines"]
    assert (line["unit_price_fen"], line["list_price_fen"]) == (4_580, 5_900)


def test_a_flash_sale(office, ask, shop, buyer, hour):
    orange = catalogue.a_product(shop, title="秭归脐橙 纽荷尔", price_fen=3_990)
    clerk = office("梁静")

    clerk.visit("秒杀")
    clerk.begin()
    clerk.fill(
        [
            ("规格编号", sku_of(orange)),
            ("秒杀价", "19.90"),
            ("数量", "20"),
            ("每人限购", "1"),
            ("开始时间", wall(hour)),
            ("结束时间", wall(hour + 3 * HOUR)),
        ]
    )
    clerk.window.keep("console-flash-sale")
    clerk.save()
    assert "¥19.90 (原价 ¥39.90)" in clerk.read()
    at_peace(clerk)

    (sale,) = ask("GET", "flash-sales")["results"]
    assert (sale["state"], sale["price_fen"], sale["left"]) == ("RUNNING", 1_990, 20)
    (line,) = quoted(ask, buyer, orange)["shops"][0]["lines"]
    assert (line["unit_price_fen"], line["activity"]["kind"]) == (1_990, "FLASH")


def test_a_group_buy(office, ask, shop, buyer, hour):
    orange = catalogue.a_product(shop, title="秭归中华红橙", price_fen=4_990)
    clerk = office("梁静")

    clerk.visit("拼团活动")
    clerk.begin()
    clerk.fill(
        [
            ("规格编号", sku_of(orange)),
            ("拼团价", "36.60"),
            ("数量", "60"),
            ("每人限购", "2"),
            ("成团人数", "3"),
            ("成团时限（小时）", "12"),
            ("虚拟成团", "按比例"),
            ("最低已付人数比例", "66.5"),
            ("开始时间", wall(hour)),
            ("结束时间", wall(hour + 3 * DAY)),
        ]
    )
    clerk.save()
    assert "¥36.60 (原价 ¥49.90)" in clerk.read()

    (offered,) = ask("GET", f"group-buys?product={orange.reference}")["results"]
    assert (offered["price_fen"], offered["team_size"], offered["team_hours"]) == (3_660, 3, 12)
    assert (offered["virtual_ratio_bp"], offered["left"]) == (6_650, 60)
    quote = quoted(ask, buyer, orange, activity=offered["id"])
    assert quote["goods_fen"] == 3_660
    seat = {
        "address": str(accounts.an_address(buyer).reference),
        "expected_payable_fen": quote["payable_fen"],
    }
    opened = ask("POST", f"group-buys/{offered['id']}/teams", seat, buyer)
    order = Order.objects.get(reference=opened["order"]["id"])
    payments.call_back(payments.a_payment(order, now=timezone.now()), now=timezone.now())
    activities.keep_time(now=timezone.now())
    clerk.visit("拼团活动")
    assert "拼团中 1" in clerk.read()
    assert clerk.window.run(FITS)
    clerk.press("秭归中华红橙 5斤装")
    assert "已售 1" in clerk.read()
    assert "1 / 3" in clerk.read()
    clerk.window.keep("console-group-buy")
    at_peace(clerk)

    clerk.say("果园遭遇冰雹")
    clerk.press("商家缺货，取消并退款未成团订单（须填原因）")
    assert "果园遭遇冰雹" in clerk.read()
    at_peace(clerk)
    assert ask("GET", f"group-buys?product={orange.reference}")["results"] == []
    (team,) = ask("GET", "me/teams", user=buyer)["results"]
    assert not team["team"]["is_joinable"]


def test_a_pre_sale_with_a_deposit(office, ask, shop, buyer, hour):
    orange = catalogue.a_product(shop, title="秭归血橙", price_fen=9_900)
    clerk = office("梁静")

    clerk.visit("预售")
    clerk.begin()
    clerk.fill(
        [
            ("规格编号", sku_of(orange)),
            ("预售方式", "定金"),
            ("预售价", "88"),
            ("数量", "100"),
            ("每人限购", "5"),
            ("开始时间", wall(hour)),
            ("结束时间", wall(hour + 10 * DAY)),
            ("定金", "10"),
            ("定金可抵", "20.00"),
            ("尾款开始", wall(hour + 11 * DAY)),
            ("尾款截止", wall(hour + 13 * DAY)),
            ("最早发货", wall(hour + 30 * DAY)),
            ("最晚发货", wall(hour + 45 * DAY)),
            ("预估产量", "1,000"),
            ("可预售比例", "80"),
            ("商家违约时", "双倍"),
        ]
    )
    clerk.window.keep("console-pre-sale")
    clerk.save()
    for shown in ("¥88.00", "¥10.00 / ¥20.00", "1000 kg · 80 %"):
        assert shown in clerk.read()
    at_peace(clerk)

    (sale,) = ask("GET", f"presales?product={orange.reference}")["results"]
    assert (sale["price_fen"], sale["deposit_fen"], sale["deposit_worth_fen"]) == (
        8_800,
        1_000,
        2_000,
    )
    quote = quoted(ask, buyer, orange, activity=sale["id"])
    assert (quote["deposit_fen"], quote["balance_fen"]) == (1_000, 6_800 + quote["freight_fen"])
