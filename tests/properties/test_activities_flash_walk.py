"""Flash sales walk through their life in any order, while people buy, pay, leave and come back.

Beside them stands the plainest account there can be: what was planned, and who has how many.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

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

START = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
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


class FlashLife(RuleBasedStateMachine):
    """A shop plans and ends flash sales of one product, three people buy, the clock goes on."""

    @initialize()
    def open(self):
        self.now = START
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
        try:
            row = a_flash_sale(
                self.product,
                now=self.now,
                quantity=quantity,
                per_user_limit=limit,
                starts_at=starts_at,
                ends_at=starts_at + hours * HOUR,
            )
        except (activities.FlashSaleExists, activities.ActivityOverlap):
            assert is_taken
        else:
            assert not is_taken
            for one in self.told:
                one.is_ended = True
            self.told.append(Told(row, quantity, limit, starts_at, starts_at + hours * HOUR))

    @rule(person=st.integers(0, 2), quantity=st.integers(1, 2))
    def buy(self, person, quantity):
        sale, buyer = self.running(), self.buyers[person]
        checkout = placement.Checkout(
            address=self.addresses[person],
            expected_payable_fen=FLASH_FEN * quantity,
            lines=wanted((self.product, quantity)),
        )
        try:
            order = place(buyer, checkout, self.now)
        except placement.QuoteStale:
            assert sale is None or sale.left == 0
        except OutOfStock:
            assert 0 < sale.left < quantity
        except ActivityUserLimit:
            assert sale.taken(person) + quantity > sale.limit
        else:
            assert order.pay_before == self.now + 10 * MINUTE
            assert sale.left >= quantity
            assert sale.taken(person) + quantity <= sale.limit
            sale.bought.append(Bought(order, person, quantity))

    @rule(number=st.integers(0, 9), deed=st.sampled_from(["pay", "leave", "undo"]))
    def go_on(self, number, deed):
        every = [one for told in self.told for one in told.bought]
        if not every:
            return
        one = every[number % len(every)]
        with transaction.atomic():
            if deed == "pay" and one.state == "PENDING":
                lifecycle.mark_paid(one.order.pk, provider="sandbox", now=self.now)
                one.state = "PAID"
            elif deed == "leave" and lifecycle.cancel(one.order.pk, actor=SYSTEM, now=self.now):
                assert one.state == "PENDING"
                one.state = "BACK"
            elif deed == "undo" and one.state == "PAID":
                lifecycle.close_refunded(one.order.pk, actor=SYSTEM, now=self.now)
                one.state = "BACK"

    @rule(number=st.integers(0, 9))
    def end(self, number):
        told = self.one(number)
        if told is None:
            return
        told.row.refresh_from_db()
        try:
            with transaction.atomic():
                activities.end(told.row, actor=SYSTEM, now=self.now)
        except IllegalTransition:
            assert ACTIVITY.next_of(told.row.state, "end") is None
            assert told.is_ended or told.ends_at <= self.now
        else:
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


def walk(**how):
    class Undone(FlashLife):
        """The walk inside a transaction that is undone, as a test's own."""

        def __init__(self):
            super().__init__()
            self.undoing = transaction.atomic()
            self.undoing._from_testcase = True
            self.undoing.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.undoing.__exit__(None, None, None)

    pace = {
        "max_examples": 15,
        "stateful_step_count": 25,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(Undone, settings=settings(**{**pace, **how}))


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_whatever_happens_no_piece_is_sold_twice_or_lost():
    walk()


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_canary_the_walk_sees_a_limit_that_is_not_given_back(monkeypatch):
    monkeypatch.setattr(lifecycle.counting, "uncount", lambda *_: None)

    with pytest.raises(AssertionError):
        walk(max_examples=60, derandomize=True, phases=[Phase.generate])
