"""In a real browser: the front page and the console on a desk and on a phone.

With `PICTURES=docs/pictures` in the environment the pages are photographed for the manual.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core.accounts.models import User
from core.audit.actors import Actor
from marketplace.config import demonstration
from marketplace.coupons.models import CouponBatch
from marketplace.sections.services import sections
from orders.placement.models import Order
from shops.catalogue.services.products import NewSku
from shops.storefronts.services import reviewing
from tests.factories import accounts, catalogue, coupons, orders, storefronts
from tests.support import browser, desk
from tests.support.browser import Browser
from tests.support.clerk import Clerk
from tests.support.outbox import deliver_all

pytestmark = browser.MARKS

PASSWORD = "correct horse battery"
DESK, PHONE = (1280, 900), (390, 844)
# Nothing has to be pushed to the side, but for tables that say so by a bar of their own.
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
ALL_DRAWN = "[...document.images].every(one => one.complete && one.naturalWidth > 0)"


@pytest.fixture
def waiting():
    """A shop that waits for a reviewer, in the demonstration market while people buy."""
    now = timezone.now()
    sections.open_defaults(now)
    shop = storefronts.open_shop(name="屈原镇果园", region="420527")
    goods = [
        catalogue.a_product(
            shop, price_fen, title=title, skus=[NewSku(size, price_fen, net_g, net_g + 300, 200)]
        )
        for title, size, price_fen, net_g in [
            ("秭归伦晚脐橙", "5 kg 家庭装", 5_980, 5_000),
            ("秭归九月红", "3 kg 礼盒", 4_590, 3_000),
            ("屈原故里糖心苹果", "2 kg", 3_280, 2_000),
        ]
    ]
    demonstration.open_market(now=now)
    deliver_all(now)
    batch = CouponBatch.objects.get()
    for number in range(9):
        buyer = accounts.a_user()
        lines = [(goods[number % 3], 1 + number % 2), (goods[(number + 1) % 3], 1)]
        moment = now + timedelta(seconds=number)
        coupon = coupons.a_coupon(buyer, batch, now)
        used = [coupon] if number % 2 else []
        orders.an_order(buyer, lines, number not in (3, 8), used, moment)
    deliver_all(now + timedelta(seconds=9))
    made = storefronts.with_papers(storefronts.a_shop(name="兴山县古夫镇蜂场", region="420526"))
    with transaction.atomic():
        actor = Actor(made.members.get(role="OWNER").user_id)
        return reviewing.submit(made, actor=actor, now=now)


@pytest.mark.parametrize(("size", "name"), [(DESK, "front-page"), (PHONE, "front-page-phone")])
def test_the_front_page_fits(live_server, waiting, size, name):
    with Browser(width=size[0], height=size[1]) as window:
        window.open(live_server.url)

        assert window.run(FITS)
        assert window.run(ALL_DRAWN)
        assert window.complaints == []
        window.keep(name)


@pytest.mark.parametrize(("size", "suffix"), [(DESK, ""), (PHONE, "-phone")])
def test_the_console_fits(live_server, waiting, size, suffix):
    User.objects.create_superuser("梁静", PASSWORD)
    # Somebody pays for part of it.
    order = Order.objects.filter(state="PAID", discount_fen__gt=0).order_by("-id").first()
    pages = {
        "dashboard": "/admin/",
        "order": desk.one(order),
        "shop-review": desk.one(waiting),
        "budgets": "/admin/coupons/couponbudget/",
        "batch-form": "/admin/coupons/couponbatch/add/",
    }
    with Browser(width=size[0], height=size[1]) as window:
        Clerk(window, live_server.url).enter("梁静", PASSWORD)
        for name, path in pages.items():
            window.open(live_server.url + path)

            assert window.run(FITS), name
            assert window.run(ALL_DRAWN), name
            if not suffix or name == "dashboard":
                window.keep(f"console-{name}{suffix}")
        assert window.complaints == []
