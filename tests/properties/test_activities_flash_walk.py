"""Flash sales walk through their life in any order, while people buy, pay, leave and come back.

Beside them stands the plainest account there can be: what was planned, and who has how many.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.quotas.selectors import availability
from marketplace.activities.domain.states import ACTIVITY
from marketplace.activities.models import Activity
from marketplace.activities.selectors import flash
from marketplace.activities.services import activities
from marketplace.activities.services.counting import ActivityUserLimit
from orders.placement.domain.problems import OutOfStock
from orders.placement.models import Order
from orders.placement.services import lifecycle, placement
from tests.factories.accounts import a_user, an_address
from tests.factories.activities import a_flash_sale
from tests.factories.catalogue import a_product
from tests.factories.orders import place, wanted
from tests.support.walking import HOUR, Walk, lines_of, noticed, seen, walk

MINUTE = timedelta(minutes=1)
STOCK, LIST_FEN, FLASH_FEN = 40, 3_000, 1_000
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("activities.", "placement.orders_explain", "quotas.", "catalogue.adj"))
]


@dataclass
class Bought:
    """An order at the price of a flash sale."""

    order: Order
    buyer: int
    quantity: int
    state: str = "PENDING"


@dataclass
class Told:
    """A flash sale as it was planned, and what was bought in it."""

    row: Activity
    quantity: int
    limit: int
    starts_at: datetime
    ends_at: datetime
    is_ended: bool = False
    bought: list[Bought] = field(default_factory=list)

    def is_open_at(self, now):
        return not self.is_ended and self.starts_at <= now < self.ends_at

    def taken(self, buyer=None):
        return sum(
            one.quantity
            for one in self.bought
            if one.state != "BACK" and buyer in (None, one.buyer)
        )

    @property
    def left(self):
        return self.quantity - self.taken()


class FlashLife(Walk):
    """A shop plans and ends flash sales of one product, three people buy, the clock goes on."""

    @initialize()
    def open(self):
        self.product = a_product(price_fen=LIST_FEN, stock=STOCK)
        self.buyers = [a_user() for _ in range(3)]
        self.addresses = [an_address(buyer).reference for buyer in self.buyers]
        self.told = []

    def one(self, number):
        return self.told[number % len(self.told)] if self.told else None

    def running(self):
        return next((one for one in self.told if one.is_open_at(self.now)), None)

    @rule(
        quantity=st.integers(1, 4),
        limit=st.integers(1, 3),
        after=st.integers(0, 2),
        hours=st.integers(1, 3),
    )
    def plan(self, quantity, limit, after, hours):
        starts_at = self.now + after * HOUR
        is_taken = any(not one.is_ended and one.ends_at > self.now for one in self.told)
        done = self.tried(
            lambda: a_flash_sale(
                self.product,
                now=self.now,
                quantity=quantity,
                per_user_limit=limit,
                starts_at=starts_at,
                ends_at=starts_at + hours * HOUR,
            )
        )
        if is_taken:
            assert isinstance(done, activities.FlashSaleExists | activities.ActivityOverlap)
        else:
            assert isinstance(done, Activity)
            for one in self.told:
                one.is_ended = True
            self.told.append(Told(done, quantity, limit, starts_at, starts_at + hours * HOUR))

    @rule(person=st.integers(0, 2), quantity=st.integers(1, 2))
    def buy(self, person, quantity):
        sale, buyer = self.running(), self.buyers[person]
        checkout = placement.Checkout(
            address=self.addresses[person],
            expected_payable_fen=FLASH_FEN * quantity,
            lines=wanted((self.product, quantity)),
        )
        done = self.tried(lambda: place(buyer, checkout, self.now))
        if isinstance(done, placement.QuoteStale):
            assert sale is None or sale.left == 0
        elif isinstance(done, OutOfStock):
            assert 0 < sale.left < quantity
        elif isinstance(done, ActivityUserLimit):
            assert sale.taken(person) + quantity > sale.limit
        else:
            assert done.pay_before == self.now + 10 * MINUTE
            assert sale.left >= quantity
            assert sale.taken(person) + quantity <= sale.limit
            sale.bought.append(Bought(done, person, quantity))

    @rule(number=st.integers(0, 9), deed=st.sampled_from(["pay", "leave", "undo"]))
    def go_on(self, number, deed):
        every = [one for told in self.told for one in told.bought]
        if not every:
            return
        one = every[number % len(every)]
        deeds = {
            "pay": (lambda: self.paid(one), "PENDING", "PAID"),
            "leave": (lambda: self.left_by(one), "PENDING", "BACK"),
            "undo": (lambda: self.undone(one), "PAID", "BACK"),
        }
        call, source, target = deeds[deed]
        if one.state != source:
            assert self.in_vain(call) is False
        else:
            assert self.tried(call) is True
            one.state = target

    def paid(self, one):
        return lifecycle.mark_paid(one.order.pk, provider="sandbox", now=self.now)

    def left_by(self, one):
        return lifecycle.cancel(one.order.pk, actor=SYSTEM, now=self.now)

    def undone(self, one):
        return lifecycle.close_refunded(one.order.pk, actor=SYSTEM, now=self.now)

    @rule(number=st.integers(0, 9))
    def end(self, number):
        told = self.one(number)
        if told is None:
            return
        told.row.refresh_from_db()

        def call():
            return activities.end(told.row, actor=SYSTEM, now=self.now)

        if ACTIVITY.next_of(told.row.state, "end") is None:
            assert told.is_ended or told.ends_at <= self.now
            assert isinstance(self.in_vain(call), IllegalTransition)
        else:
            assert self.tried(call) is None
            told.is_ended = True

    @rule(minutes=st.sampled_from([1, 20, 60]))
    def wait(self, minutes):
        self.now += minutes * MINUTE

    @rule()
    def sweep(self):
        activities.keep_time(now=self.now)
        for told in self.told:
            told.row.refresh_from_db()
            if told.is_ended or told.ends_at <= self.now:
                told.is_ended = True
                assert told.row.state == "ENDED"
            else:
                state = "RUNNING" if told.starts_at <= self.now else "SCHEDULED"
                assert told.row.state == state

    @invariant()
    def every_promise_holds(self):
        assert [result for result in reconciling.run(PROMISES) if not result.is_held] == []

    @invariant()
    def pieces_are_where_the_account_says(self):
        if not getattr(self, "told", None):
            return
        stock_id = self.product.skus.get().stock_quota_id
        figures = availability.figures([stock_id, *(told.row.quota_id for told in self.told)])
        taken, free = 0, figures[stock_id].free
        for told in self.told:
            here = figures[told.row.quota_id]
            assert here.held + here.spent == told.taken()
            taken += told.taken()
            free += here.free
            if told.is_open_at(self.now):
                assert here.free == told.left
        # Nothing is lost on the way: what nobody has is in the stock or in a sale.
        assert free + taken == STOCK

    @invariant()
    def buyers_see_what_is_true_by_the_clock(self):
        if getattr(self, "told", None):
            seen = {row.pk: flash.shown(row, self.now)["left"] for row in flash.public(self.now)}
            awaited = {
                told.row.pk: told.left
                for told in self.told
                if not told.is_ended and told.ends_at > self.now
            }
            assert seen == awaited


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_whatever_happens_no_piece_is_sold_twice_or_lost():
    walk(FlashLife, examples=15)


@pytest.mark.django_db
def test_the_whole_table_is_walked_and_what_cannot_be_changes_nothing():
    life = FlashLife()
    life.open()
    for after, does_start, is_ended_by_hand in [
        (1, False, True),
        (0, True, True),
        (0, True, False),
    ]:
        life.plan(2, 1, after, hours=1)
        number = len(life.told) - 1
        if does_start:
            life.sweep()
            life.buy(0, 1)
            life.buy(0, 1)
            for deed in ("undo", "pay", "pay", "leave", "undo", "undo"):
                life.go_on(number - 1, deed)
        life.plan(1, 1, 0, hours=1)
        if not is_ended_by_hand:
            life.wait(60)
            life.sweep()
        life.end(number)
        life.end(number)
        life.buy(1, 1)

    assert lines_of(ACTIVITY) - seen() == set()
    life.every_promise_holds()
    life.pieces_are_where_the_account_says()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_limit_that_is_not_given_back_is_noticed(monkeypatch):
    monkeypatch.setattr(lifecycle.counting, "uncount", lambda *_: None)
    life = FlashLife()
    life.open()
    life.plan(2, 1, 0, hours=1)
    life.buy(0, 1)
    life.go_on(0, "leave")

    with noticed():
        life.buy(0, 1)
    life.teardown()
