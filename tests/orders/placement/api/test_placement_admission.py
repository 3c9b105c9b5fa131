"""The gate before a flash sale and the places at the counter, over HTTP."""

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.audit.actors import SYSTEM
from core.http import gates
from core.quotas.selectors import availability
from marketplace.activities import tasks
from marketplace.activities.services import activities, gating
from orders.baskets.services import baskets
from orders.payments.services import closing
from orders.placement.api import admission
from orders.placement.models import Order
from orders.placement.services import placement
from tests.factories.accounts import a_user, an_address, bearer
from tests.factories.activities import a_flash_sale
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale():
    product = a_product(price_fen=3_000, stock=100)
    sale = a_flash_sale(product, now=timezone.now() - timedelta(seconds=1), quantity=2)
    gating.refresh(now=timezone.now())
    return sale


@pytest.fixture
def tokens(monkeypatch):
    def leave(number):
        gates._keeper().client.hset(
            gates._TOKENS, next(iter(gates._keeper().client.hgetall(gates._TOKENS))), number
        )

    monkeypatch.setattr(gating, "TOKENS_MIN", 0)
    return leave


class Buyer:
    def __init__(self):
        self.user = a_user()
        self.address = str(an_address(self.user).reference)
        self.client, self.headers = Client(), bearer(self.user)

    def buy(self, sku, price_fen=1_000, key=None, **changes):
        wanted = {
            "lines": [{"sku": str(sku.reference), "quantity": 1}],
            "address": self.address,
            "expected_payable_fen": price_fen,
        } | changes
        return self.client.post(
            "/api/v1/orders",
            json.dumps({name: value for name, value in wanted.items() if value is not None}),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=key or str(uuid4()),
            **self.headers,
        )


def told(answer):
    return answer.status_code, answer.json().get("code")


def left_in_gate():
    return sum(int(one) for one in gates._keeper().client.hgetall(gates._TOKENS).values())


CROWDED = (429, "FLASH_SALE_CROWDED")


def test_tokens_are_half_as_many_again_as_pieces(sale, tokens):
    gating.refresh(now=timezone.now())

    assert left_in_gate() == 3


def test_without_a_token_nobody_is_let_in_and_the_database_is_not_asked(sale, tokens):
    tokens(0)
    buyer = Buyer()
    buyer.buy(sale.sku)

    with CaptureQueriesContext(connection) as captured:
        answer = buyer.buy(sale.sku)

    assert told(answer) == CROWDED
    assert answer["Retry-After"] == "3"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["flash_sale"] == str(sale.reference)
    # Who is calling, and nothing else.
    [one] = [query["sql"] for query in captured.captured_queries]
    assert "accounts_token" in one
    assert not Order.objects.exists()


def test_who_buys_uses_a_token_up(sale):
    assert told(Buyer().buy(sale.sku))[0] == 201

    assert left_in_gate() == 9


def test_a_refusal_that_has_nothing_to_do_with_pieces_gives_the_token_back(sale):
    buyer = Buyer()
    buyer.buy(sale.sku)

    assert told(buyer.buy(sale.sku)) == (409, "ACTIVITY_USER_LIMIT")
    assert told(Buyer().buy(sale.sku, address=str(uuid4()))) == (404, "NOT_FOUND")
    assert left_in_gate() == 9


def test_a_price_that_was_never_true_uses_no_token_up(sale):
    assert told(Buyer().buy(sale.sku, 999)) == (409, "QUOTE_STALE")

    assert left_in_gate() == 10


def test_whoever_comes_when_the_pieces_are_gone_uses_a_token_up(sale):
    for _ in range(2):
        Buyer().buy(sale.sku)
    # The gate has not heard yet that it is sold out.
    assert told(Buyer().buy(sale.sku)) == (409, "QUOTE_STALE")

    assert left_in_gate() == 7


def test_an_answer_is_heard_again_although_the_gate_has_closed(sale, tokens):
    buyer, key = Buyer(), str(uuid4())
    first = buyer.buy(sale.sku, key=key)
    tokens(0)

    again = buyer.buy(sale.sku, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"


def test_a_basket_passes_the_same_gate(sale, tokens):
    buyer = Buyer()
    with transaction.atomic():
        baskets.put(buyer.user.pk, sale.sku.reference, 1, check=lambda _: None, now=timezone.now())
    tokens(0)
    assert told(buyer.buy(sale.sku, lines=None, basket=True)) == CROWDED
    tokens(1)
    assert told(buyer.buy(sale.sku, lines=None, basket=True))[0] == 201


def test_other_goods_pass_while_the_gate_is_closed(sale, tokens):
    tokens(0)

    assert told(Buyer().buy(a_product().skus.get(), 1_990))[0] == 201


def test_when_it_is_sold_out_the_goods_still_sell_at_their_price(sale):
    for _ in range(2):
        Buyer().buy(sale.sku)
    tasks.keep_time()

    assert told(Buyer().buy(sale.sku, 3_000))[0] == 201


def test_an_ended_sale_has_no_gate(sale, tokens):
    tokens(0)
    with transaction.atomic():
        activities.end(sale, actor=SYSTEM, now=timezone.now())
    tasks.keep_time()

    assert told(Buyer().buy(sale.sku, 3_000))[0] == 201


def test_the_gate_stands_before_the_sale_begins_and_opens_with_it(tokens):
    now = timezone.now()
    product = a_product(price_fen=3_000)
    sale = a_flash_sale(product, now=now, quantity=2, starts_at=now + timedelta(seconds=30))
    tasks.keep_time()

    assert left_in_gate() == 3
    # Until then the goods are sold at their ordinary price, to everybody.
    tokens(0)
    assert told(Buyer().buy(sale.sku, 3_000))[0] == 201


# --- Redis is away --------------------------------------------------------------------------------


def test_emptied_in_the_middle_the_first_one_to_come_writes_the_gate(sale):
    Buyer().buy(sale.sku)
    gates._keeper().client.delete(gates._KNOWN, gates._GOODS, gates._TOKENS, gates._WRITING)

    assert told(Buyer().buy(sale.sku))[0] == 201
    assert left_in_gate() == 9
    assert told(Buyer().buy(sale.sku)) == (409, "QUOTE_STALE")


def test_without_redis_the_rows_decide(sale, monkeypatch):
    monkeypatch.setattr(gates._Keeper, "unless_away", lambda *_: None)

    heard = [told(Buyer().buy(sale.sku))[0] for _ in range(4)]

    assert heard == [201, 201, 409, 409]
    assert Order.objects.count() == 2


# --- Nobody starves -------------------------------------------------------------------------------


def test_pieces_that_nobody_paid_for_are_sold_to_others(sale, tokens):
    for _ in range(2):
        assert told(Buyer().buy(sale.sku))[0] == 201
    tasks.keep_time()
    assert told(Buyer().buy(sale.sku)) == CROWDED

    # Flash orders wait ten minutes for their money, not fifteen.
    assert closing.close_overdue(now=timezone.now() + timedelta(minutes=9, seconds=59)) == 0
    assert closing.close_overdue(now=timezone.now() + timedelta(minutes=10, seconds=1)) == 2
    tasks.keep_time()

    assert left_in_gate() == 3
    assert [told(Buyer().buy(sale.sku))[0] for _ in range(2)] == [201, 201]


def test_who_did_not_pay_may_buy_again(sale):
    buyer = Buyer()
    buyer.buy(sale.sku)
    assert told(buyer.buy(sale.sku)) == (409, "ACTIVITY_USER_LIMIT")

    closing.close_overdue(now=timezone.now() + timedelta(minutes=11))

    assert told(buyer.buy(sale.sku))[0] == 201


def test_all_pieces_are_sold_while_somebody_wants_them():
    product = a_product(price_fen=3_000, stock=100)
    sale = a_flash_sale(product, now=timezone.now(), quantity=12, per_user_limit=4)
    tasks.keep_time()
    sold, crowd, rounds = 0, [Buyer() for _ in range(4)], 0
    while sold < 12 and rounds < 10:
        rounds += 1
        # Many come in vain for other reasons before anybody buys.
        for _ in range(20):
            Buyer().buy(sale.sku, 999)
        sold += sum(told(buyer.buy(sale.sku))[0] == 201 for buyer in crowd)
        tasks.keep_time()

    assert sold == 12
    assert availability.left([sale.quota_id])[sale.quota_id] == 0


# --- The counter ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "heard"), [(1, (429, "CHECKOUT_CROWDED")), (2, (201, None))])
def test_whoever_comes_besides_hears_so_at_once(settings, most, heard):
    settings.MARKETPLACE_CHECKOUTS_AT_ONCE = most
    buyer, sku = Buyer(), a_product().skus.get()

    with admission.at_the_counter():
        answer = buyer.buy(sku, 1_990)

    assert told(answer) == heard
    if answer.status_code == 429:
        assert 1 <= int(answer["Retry-After"]) <= 3
        assert not Order.objects.exists()
    assert told(buyer.buy(sku, 1_990))[0] == 201


def test_a_flash_sale_leaves_places_for_everybody_else(settings, sale):
    settings.MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE = 1

    with admission._place(admission._flash_checkouts, 1):
        crowded = Buyer().buy(sale.sku)
        other = Buyer().buy(a_product().skus.get(), 1_990)

    assert told(crowded) == (429, "CHECKOUT_CROWDED")
    assert told(other)[0] == 201
    # What it had of the gate went back.
    assert left_in_gate() == 10
    assert told(Buyer().buy(sale.sku))[0] == 201


def test_a_place_is_free_again_whatever_happened(settings):
    settings.MARKETPLACE_CHECKOUTS_AT_ONCE = 1
    for failure in (ValueError, placement.EmptyBasket):
        with pytest.raises(failure), admission.at_the_counter():
            raise failure

    with admission.at_the_counter():
        pass


def test_no_more_are_at_the_counter_than_it_has_places():
    counter, inside, seen = admission._Counter(), [0], []
    lock, start = threading.Lock(), threading.Barrier(16)

    def come():
        start.wait(timeout=10)
        for _ in range(200):
            if counter.enter(3):
                with lock:
                    inside[0] += 1
                    seen.append(inside[0])
                with lock:
                    inside[0] -= 1
                counter.leave()

    threads = [threading.Thread(target=come) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert max(seen) <= 3
    assert counter.inside == 0
