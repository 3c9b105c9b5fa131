"""A region is put on hold: quotes say so, orders are refused, and when it is lifted all goes on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.quotas.models import QuotaHold
from orders.placement.models import Order
from tests.factories.accounts import a_staff, a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db


def test_wuhan_is_held_back_and_opened_again(ask):
    operator, buyer = a_staff(Role.OPERATOR), a_user()
    product = a_product(open_shop(), origin="420527")
    line = {"sku": str(product.skus.get().reference), "quantity": 1}
    home = an_address(buyer, region="420102")
    order = {"lines": [line], "address": str(home.reference), "expected_payable_fen": 1_990}
    until = timezone.now() + timedelta(days=3)

    hold = ask(
        operator,
        "POST",
        "staff/dispatch-holds",
        {
            "region": "420100",
            "kind": "NO_SHIP",
            "ends_at": until.isoformat(),
            "reason": "疫情防控",
        },
    ).json()
    quote = ask(buyer, "POST", "quotes", {"lines": [line], "region": "420102"}).json()
    elsewhere = ask(buyer, "POST", "quotes", {"lines": [line], "region": "310101"}).json()
    refused = ask(buyer, "POST", "orders", order)

    (problem,) = quote["problems"]
    assert (problem["code"], problem["region"]) == ("REGION_ON_HOLD", "420100")
    assert (problem["shop"], problem["reason"]) == (str(product.shop.reference), "疫情防控")
    assert problem["until"].startswith(f"{until:%Y-%m-%dT%H:%M:%S}")
    assert elsewhere["problems"] == []
    assert (refused.status_code, refused.json()["code"]) == (422, "REGION_ON_HOLD")
    assert not Order.objects.exists()
    assert not QuotaHold.objects.exists()

    ask(operator, "POST", f"staff/dispatch-holds/{hold['id']}/lifting", {"reason": "解封"})

    assert ask(buyer, "POST", "orders", order).status_code == 201


def test_what_comes_from_a_held_place_is_refused_everywhere_and_a_delay_only_says_so(ask):
    operator, buyer = a_staff(Role.OPERATOR), a_user()
    product = a_product(open_shop(), origin="420527")
    line = {"sku": str(product.skus.get().reference), "quantity": 1}
    wanted = {"lines": [line], "region": "310101"}
    hold = {"region": "420500", "reason": "大雪"}

    ask(operator, "POST", "staff/dispatch-holds", hold | {"kind": "DELAY"})
    delayed = ask(buyer, "POST", "quotes", wanted).json()
    ask(operator, "POST", "staff/dispatch-holds", hold | {"kind": "NO_SHIP"})
    held = ask(buyer, "POST", "quotes", wanted).json()

    assert (delayed["problems"], delayed["payable_fen"]) == ([], 1_990)
    shop = str(product.shop.reference)
    assert delayed["delays"] == [
        {"shop": shop, "region": "420500", "until": None, "reason": "大雪"}
    ]
    assert [problem["code"] for problem in held["problems"]] == ["REGION_ON_HOLD"]
