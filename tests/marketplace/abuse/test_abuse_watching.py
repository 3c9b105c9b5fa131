"""Claims and orders are judged before any quota is touched, and leave only hashes behind."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.quotas.models import QuotaHold
from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.domain.rules import Deed, Outcome
from marketplace.abuse.models import Trace
from marketplace.abuse.services import watching
from marketplace.coupons.models import UserCoupon
from orders.placement.models import Order
from tests.factories.accounts import a_staff, a_user, an_address, bearer
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.storefronts import open_shop
from tests.support import desk

pytestmark = pytest.mark.django_db
PHONE_APP = "app-0123456789"


@pytest.fixture(autouse=True)
def _real_limits(settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1


def an_order_body(buyer, product, payable_fen, coupons=()):
    return {
        "lines": [{"sku": str(product.skus.get().reference), "quantity": 1}],
        "address": str(an_address(buyer).reference),
        "expected_payable_fen": payable_fen,
        "coupons": [str(coupon.reference) for coupon in coupons],
    }


def noted(now, **said):
    user = said.pop("user", None) or a_user()
    facts = {"deed": Deed.ORDER, "subject": uuid4(), "user_id": user.pk, "origin": Origin()}
    with transaction.atomic():
        return watching.note(watching.Noted(**facts | said), now=now)


def test_a_device_with_many_people_is_looked_at_and_then_refused(ask):
    now = timezone.now()
    batch = a_batch(
        claim_from=now - timedelta(days=1),
        claim_until=now + timedelta(days=1),
        use_until=now + timedelta(days=2),
    )
    address = f"coupon-batches/{batch.reference}/claims"

    answers = [ask(a_user(), "POST", address, HTTP_DEVICE_ID=PHONE_APP) for _ in range(11)]
    elsewhere = ask(a_user(), "POST", address, HTTP_DEVICE_ID="app-9876543210")

    assert [answer.status_code for answer in answers] == [201] * 10 + [409]
    assert answers[-1].json()["code"] == "DEVICE_CROWDED"
    assert elsewhere.status_code == 201
    assert UserCoupon.objects.count() == 11
    outcomes = Trace.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["ALLOW"] * 3 + ["REVIEW"] * 7 + ["ALLOW"]


def test_a_refused_order_touches_nothing(ask):
    product = a_product(stock=100)
    buyer = a_user()
    body = an_order_body(buyer, product, 1_990)
    now = timezone.now()
    home = watching.Delivery("+8613812345678", "310101", "人民路1号2单元301室")
    for _ in range(20):
        noted(now, delivery=home)
    held = QuotaHold.objects.count()

    refused = ask(buyer, "POST", "orders", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "ADDRESS_CROWDED")
    assert not Order.objects.exists()
    assert QuotaHold.objects.count() == held
    assert Trace.objects.count() == 20


def test_nobody_pays_for_the_own_goods_with_coupons(ask):
    shop = open_shop()
    owner = shop.members.get().user
    product = a_product(shop, price_fen=30_000)
    now = timezone.now()
    windows = {
        "claim_from": now - timedelta(days=1),
        "claim_until": now + timedelta(days=1),
        "use_until": now + timedelta(days=2),
    }
    coupon = a_coupon(owner, a_batch(shop, **windows), now)
    off = coupon.batch.amount_fen

    with_coupon = ask(
        owner, "POST", "orders", an_order_body(owner, product, 30_000 - off, [coupon])
    )
    without = ask(owner, "POST", "orders", an_order_body(owner, product, 30_000))

    assert (with_coupon.status_code, with_coupon.json()["code"]) == (409, "OWN_SHOP_PURCHASE")
    assert without.status_code == 201
    trace = Trace.objects.get(deed="ORDER")
    assert (trace.outcome, trace.code) == ("REVIEW", "OWN_SHOP_PURCHASE")


def test_one_new_user_of_a_device_and_of_an_address(now):
    device = Origin(device=PHONE_APP)
    home = watching.Delivery("+8613812345678", "310101", "人民路1号2单元301室")
    first = a_user()

    assert noted(now, user=first, origin=device, delivery=home, is_as_newcomer=True)
    assert noted(now, user=first, origin=device, is_as_newcomer=True) == Outcome.ALLOW
    for said in (
        {"origin": device},
        {"delivery": watching.Delivery("+8613800000000", "310101", "人民路１号 2单元 301室")},
    ):
        with pytest.raises(watching.NotANewUser):
            noted(now + timedelta(days=30), is_as_newcomer=True, **said)
    assert Trace.objects.count() == 2


def test_whoever_is_too_fast_waits(now):
    user = a_user()
    for second in range(30):
        noted(now + timedelta(seconds=second), user=user)

    with pytest.raises(watching.DeedsTooFast):
        noted(now + timedelta(seconds=30), user=user)
    assert noted(now + timedelta(seconds=61), user=user)


def test_only_hashes_are_kept(now):
    home = watching.Delivery("+8613812345678", "310101", "人民路1号")
    noted(now, origin=Origin(PHONE_APP, "192.0.2.1"), delivery=home)
    trace = Trace.objects.get()

    kept = [trace.device, trace.network, trace.recipient, trace.address]

    assert all(len(mark) == 64 for mark in kept)
    assert len(set(kept)) == 4
    with pytest.raises(IntegrityError, match="abuse_trace_keeps_hashes_only"):
        Trace.objects.update(device=PHONE_APP)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"deed": "LOOK"}, "deed_is_known"),
        ({"outcome": "REFUSE", "code": "DEVICE_CROWDED"}, "refused_is_never_kept"),
        ({"code": "DEVICE_CROWDED"}, "refused_is_never_kept"),
        ({"outcome": "REVIEW"}, "refused_is_never_kept"),
    ],
)
def test_the_database_refuses(now, changes, constraint):
    noted(now)

    with pytest.raises(IntegrityError, match=f"abuse_trace_{constraint}"):
        Trace.objects.update(**changes)


def test_watching_costs_one_statement(now, queries_of):
    for _ in range(2):
        noted(now, origin=Origin(PHONE_APP, "192.0.2.1"))

    person = a_user()
    assert queries_of(lambda: noted(now, user=person, origin=Origin("another-device"))) == 1


def test_a_claim_and_a_placement_stay_within_their_statements(client, queries_of):
    now = timezone.now()
    windows = {
        "claim_from": now - timedelta(days=1),
        "claim_until": now + timedelta(days=1),
        "use_until": now + timedelta(days=2),
    }
    batch, product, buyer = a_batch(**windows), a_product(), a_user()
    headers = bearer(buyer) | {"HTTP_DEVICE_ID": PHONE_APP}

    def post(address, body=None):
        extra = headers | {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}
        said = "" if body is None else json.dumps(body)
        target = f"/api/v1/{address}"
        answer = client.post(target, said, content_type="application/json", **extra)
        assert answer.status_code == 201, answer.content.decode()

    body = an_order_body(buyer, product, 1_990)
    post("orders", body)

    # As without watching, and the one statement that notes and counts.
    assert queries_of(lambda: post(f"coupon-batches/{batch.reference}/claims")) == 7
    assert queries_of(lambda: post("orders", body)) <= 25


def test_in_a_trial_nothing_is_noted(now, settings, queries_of):
    settings.MARKETPLACE_LIMITS_FACTOR = 1_000
    person = a_user()

    assert queries_of(lambda: noted(now, user=person)) == 0
    assert not Trace.objects.exists()


def test_an_operator_sees_a_ring(ask, now):
    people = [a_user() for _ in range(5)]
    batch = uuid4()
    for person in people:
        noted(
            now,
            user=person,
            deed=Deed.CLAIM,
            subject=batch,
            origin=Origin(device=PHONE_APP),
        )
    order = uuid4()
    home = watching.Delivery("+8613812345678", "310101", "人民路1号")
    noted(now, user=people[0], subject=order, origin=Origin(PHONE_APP), delivery=home)
    noted(now, origin=Origin("another-device"))
    operator = a_staff(Role.OPERATOR)

    listed = ask(operator, "GET", "staff/traces?outcome=REVIEW").json()["results"]
    ring = ask(operator, "GET", f"staff/traces/{listed[0]['id']}/ring").json()
    console = desk.seat(desk.staff(Role.OPERATOR))
    page = console.get(desk.one(Trace.objects.filter(outcome="REVIEW").first()))

    assert {one["code"] for one in listed} == {"DEVICE_CROWDED"}
    assert set(ring["users"]) == {str(person.reference) for person in people}
    assert {one["batch"] for one in ring["claims"]} == {str(batch)}
    assert (len(ring["claims"]), ring["orders"]) == (5, [str(order)])
    assert str(people[0].reference) in page.content.decode()
