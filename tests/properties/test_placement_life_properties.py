"""Orders walk through their whole life in any order, and every promise holds after every step."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
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
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from marketplace.coupons.models import UserCoupon
from marketplace.reductions.services import reductions
from orders.placement.domain import problems
from orders.placement.models import Order, ShopOrder
from orders.placement.services import completion, lifecycle
from tests.factories.example_a import example_a
from tests.factories.orders import a_checkout, an_order, place
from tests.factories.reductions import sent_for_less
from tests.support.outbox import deliver_all

START = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
STOCK = 100
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("placement.", "quotas.", "ledger.", "coupons.", "reductions."))
]


class Market(RuleBasedStateMachine):
    """Somebody orders, pays, changes their mind; workers, carriers and sweeps do their part."""

    @initialize()
    def open(self):
        self.now = START
        self.market = example_a()
        self.reduced = sent_for_less(START)
        self.freight_coupon = self.reduced.freight_coupon(self.market.buyer)
        self.goods = {**self.market.goods, "C1": self.reduced.product}
        self.order_ids = []

    def tick(self):
        self.now += timedelta(minutes=1)
        return self.now

    def pick(self, number):
        return self.order_ids[number % len(self.order_ids)] if self.order_ids else None

    @rule(
        counts=st.dictionaries(
            st.sampled_from(["A1", "A2", "B1", "B2", "C1"]), st.integers(1, 4), min_size=1
        ),
        with_coupons=st.booleans(),
        for_freight=st.booleans(),
    )
    def order(self, counts, with_coupons, for_freight):
        lines = [(self.goods[name], count) for name, count in counts.items()]
        # One for freight takes the place of the platform's other one.
        other = self.market.platform_coupon if for_freight else self.freight_coupon
        unused = UserCoupon.objects.filter(state="UNUSED").exclude(pk=other.pk).order_by("id")
        coupons = list(unused) if with_coupons else []
        now = self.tick()
        try:
            with transaction.atomic():
                checkout = a_checkout(self.market.buyer, lines, coupons, now)
                self.order_ids.append(place(self.market.buyer, checkout, now).pk)
        except (
            problems.CouponBelowThreshold,
            problems.CouponOutOfScope,
            problems.CouponNothingLeft,
        ):
            pass

    @rule(number=st.integers(0, 9))
    def pay(self, number):
        if order_id := self.pick(number):
            with transaction.atomic():
                lifecycle.mark_paid(order_id, provider="sandbox", now=self.tick())

    @rule(number=st.integers(0, 9))
    def cancel(self, number):
        if order_id := self.pick(number):
            with transaction.atomic():
                lifecycle.cancel(order_id, actor=SYSTEM, now=self.tick())

    @rule(number=st.integers(0, 9))
    def undo(self, number):
        if order_id := self.pick(number):
            try:
                with transaction.atomic():
                    lifecycle.close_refunded(order_id, actor=SYSTEM, now=self.tick())
            except lifecycle.AlreadyHandedOver:
                pass

    @rule()
    def work(self):
        deliver_all(self.tick())

    @rule(number=st.integers(0, 9), state=st.sampled_from(["COLLECTED", "SIGNED"]))
    def scan(self, number, state):
        parcels = list(Parcel.objects.filter(cancelled_at=None).order_by("pk"))
        if parcels:
            now = self.tick()
            parcel = parcels[number % len(parcels)]
            scan = Scan(key=f"{state} {number} {now}", state=ParcelState(state), at=now)
            tracking.hear(str(parcel.reference), [scan], now=now)

    @rule(number=st.integers(0, 9))
    def receive(self, number):
        parts = list(ShopOrder.objects.order_by("pk"))
        if parts:
            part = parts[number % len(parts)]
            try:
                with transaction.atomic():
                    completion.receive(
                        buyer_id=self.market.buyer.pk,
                        shop_order_reference=part.reference,
                        actor=SYSTEM,
                        now=self.tick(),
                    )
            except IllegalTransition:
                assert part.state != "SIGNED"

    @rule()
    def end_the_reduction(self):
        if not self.reduced.reduction.ended_at:
            with transaction.atomic():
                reductions.end(self.reduced.reduction, actor=SYSTEM, now=self.tick())
            self.reduced.reduction.refresh_from_db()

    @rule()
    def wait_and_sweep(self):
        self.now += timedelta(hours=49)
        reductions.keep_time(now=self.now)
        self.reduced.reduction.refresh_from_db()
        completion.complete_due(now=self.now)

    @invariant()
    def every_promise_holds(self):
        broken = [result for result in reconciling.run(PROMISES) if not result.is_held]
        assert broken == []

    @invariant()
    def no_stock_is_lost(self):
        if not getattr(self, "market", None):
            return
        for name, product in self.goods.items():
            (figures,) = availability.figures([product.skus.get().stock_quota_id]).values()
            kept = Order.objects.filter(pk__in=self.order_ids).exclude(
                state__in=["CANCELLED", "CLOSED"]
            )
            ordered = sum(
                line.quantity
                for order in kept
                for part in order.shop_orders.all()
                for line in part.lines.filter(product=product)
            )
            assert figures.total == STOCK
            assert figures.held + figures.spent == ordered, name


class Undone(Market):
    """Each example rolls back what it did."""

    def __init__(self):
        super().__init__()
        self.undoing = transaction.atomic()
        # As the test's own transaction: durable entries may be called inside.
        self.undoing._from_testcase = True
        self.undoing.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.undoing.__exit__(None, None, None)


def walk(**how):
    pace = {
        "max_examples": 12,
        "stateful_step_count": 25,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(Undone, settings=settings(**{**pace, **how}))


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_life():
    walk()


@pytest.mark.django_db
def test_canary_the_promises_notice_stock_that_a_cancelled_order_keeps(monkeypatch, now):
    monkeypatch.setattr(lifecycle.drawing, "release", lambda **_: {})
    order = an_order(now=now)

    lifecycle.cancel(order.pk, actor=SYSTEM, now=now)

    (promise,) = reconciling.run(["placement.orders_explain_stock"])
    assert not promise.is_held
