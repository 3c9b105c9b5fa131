"""The examples of the API document work against the demonstration market."""

import json

import pytest
from django.utils import timezone

from core.http import examples
from marketplace.config import demonstration
from marketplace.sections.services import sections
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(db):
    now = timezone.now()
    sections.open_defaults(now)
    demonstration.open_market(now=now)
    deliver_all(now)


def paste(client, path, body, headers, method="post", **extra):
    answer = getattr(client, method)(
        f"/api/v1{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": path, **headers},
        **extra,
    )
    assert answer.status_code < 300, (path, answer.content)
    return answer.json() if answer.content else {}


def signed_in(client, phone):
    code = paste(client, "/auth/codes", {"phone": phone}, {})["sandbox_code"]
    session = paste(client, "/auth/sessions", {"phone": phone, "code": code}, {})
    return {"Authorization": f"Bearer {session['access']}"}


def test_a_newcomer_can_paste_the_examples_from_sign_in_to_payment(client, market):
    buyer = signed_in(client, examples.CODE["phone"])

    paste(client, "/me/addresses", examples.PLACE, buyer)
    coupon = paste(client, f"/coupon-batches/{examples.BATCH}/claims", {}, buyer)
    quote = paste(client, "/quotes", examples.QUOTE, buyer)
    paste(client, "/basket", examples.BASKET, buyer, method="put")
    order = paste(client, "/orders", examples.ORDER, buyer)
    payment = paste(client, f"/orders/{order['id']}/payments", examples.PAYMENT, buyer)
    captured = paste(client, f"/sandbox/payments/{payment['id']}/capture", examples.CAPTURE, {})

    assert coupon["state"] == "UNUSED"
    assert quote["discount_fen"] == 1_500
    assert order["payable_fen"] == examples.ORDER["expected_payable_fen"]
    assert captured["state"] == "CAPTURED"


def test_a_newcomer_can_paste_the_beginning_of_a_shop(client, market):
    farmer = signed_in(client, demonstration.FARMER)

    shop = paste(client, "/seller/shops", examples.NEW_SHOP, farmer)

    assert shop["state"] == "DRAFT"


def test_opening_the_demonstration_again_changes_nothing(market):
    assert demonstration.open_market(now=timezone.now()) == []
