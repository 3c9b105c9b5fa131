"""Orders walk through their whole life in any order, and every promise holds after every step."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.errors import IllegalTransition
from core.quotas.selectors import availability
from logistics.parcels.domain.states import ParcelState, Scan
from logistics.parcels.models import Parcel
from logistics.parcels.services import tracking
from marketplace.coupons.models import UserCoupon
from marketplace.reductions.services import reductions
from orders.placement.domain import problems
from orders.placement.domain.states import BEFORE_HAND_OVER, ORDER, SHOP_ORDER
from orders.placement.models import Order, ShopOrder
from orders.placement.services import completion, lifecycle
from tests.factories.catalogue import a_product
from tests.factories.example_a import example_a
from tests.factories.orders import a_checkout, an_order, place
from tests.factories.reductions import sent_for_less
from tests.support.outbox import deliver_all
from tests.support.walking import BEGAN, Walk, lines_of, noticed, seen, walk

STOCK = 100
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("placement.", "quotas.", "ledger.", "coupons.", "reductions."))
]
COUPON_DOES_NOT_FIT = (
    problems.CouponBelowThreshold,
    problems.CouponOutOfScope,
    problems.CouponNothingLeft,
)
# Parcels that no carrier has.
HERE = ("PLANNED", "CREATED")
# What orders of teams and of pre-sales do besides; their own walks see it.
OURS = {
    (subject, state, action)
    for subject, state, action in lines_of(ORDER, SHOP_ORDER)
    if not state.startswith("WAIT_") and action not in ("pay_deposit", "pay_for_team")
}


class OrderLife(Walk):
    """Somebody orders, pays, changes their mind; workers, carriers and sweeps do their part."""

    @initialize()
    def open(self):
        self.market = example_a()
        self.reduced = sent_for_less(BEGAN)
        self.freight_coupon = self.reduced.freight_coupon(self.market.buyer)
        # What must be kept cool goes in a parcel of its own.
        cool = a_product(self.market.shops[0], 3_000, temp_class="CHILLED")
        self.goods = {**self.market.goods, "A3": cool, "C1": self.reduced.product}
        self.order_ids = []

    def tick(self):
        self.now += timedelta(minutes=1)
        return self.now

    def pick(self, number):
        return self.order_ids[number % len(self.order_ids)] if self.order_ids else None

    @rule(
        counts=st.dictionaries(
            st.sampled_from(["A1", "A2", "A3", "B1", "B2", "C1"]), st.integers(1, 4), min_size=1
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

        def call():
            return place(self.market.buyer, a_checkout(self.market.buyer, lines, coupons, now), now)

        placed = self.tried(call)
        if isinstance(placed, Order):
            self.order_ids.append(placed.pk)
        else:
            assert isinstance(placed, COUPON_DOES_NOT_FIT)

    def lead(self, number, action, call):
        """Do something to an order, and return what came of it; nothing, if it cannot be done."""
        order_id = self.pick(number)
        if order_id is None:
            return None
        stands, now = Order.objects.get(pk=order_id).state, self.tick()
        if ORDER.next_of(stands, action) is None:
            assert self.in_vain(lambda: call(order_id, now)) is False
            return None
        return order_id, self.tried(lambda: call(order_id, now))

    @rule(number=st.integers(0, 9))
    def pay(self, number):
        led = self.lead(
            number, "pay", lambda key, now: lifecycle.mark_paid(key, provider="sandbox", now=now)
        )
        assert led is None or led[1] is True

    @rule(number=st.integers(0, 9))
    def cancel(self, number):
        led = self.lead(
            number, "cancel", lambda key, now: lifecycle.cancel(key, actor=SYSTEM, now=now)
        )
        assert led is None or led[1] is True

    @rule(number=st.integers(0, 9))
    def undo(self, number):
        led = self.lead(
            number, "close", lambda key, now: lifecycle.close_refunded(key, actor=SYSTEM, now=now)
        )
        if led is not None:
            order_id, done = led
            parts = ShopOrder.objects.filter(order=order_id)
            parcels = Parcel.objects.filter(shop_order_reference__in=parts.values("reference"))
            if isinstance(done, lifecycle.AlreadyHandedOver):
                is_gone = parcels.exclude(state__in=HERE).exists()
                assert is_gone or parts.exclude(state__in=BEFORE_HAND_OVER).exists()
            else:
                assert done is True
                assert not parcels.exclude(state="CANCELLED").exists()

    def want_what_cannot_be(self):
        """Do to every order, and to every part, what the tables do not allow."""
        deeds = {"pay": self.pay, "cancel": self.cancel, "close": self.undo}
        for number, order_id in enumerate(self.order_ids):
            stands = Order.objects.get(pk=order_id).state
            for action, deed in deeds.items():
                if ORDER.next_of(stands, action) is None:
                    deed(number)
        for number, state in enumerate(ShopOrder.objects.order_by("pk").values_list("state")):
            if SHOP_ORDER.next_of(*state, "complete") is None:
                self.receive(number)

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
        if not parts:
            return
        part = parts[number % len(parts)]

        def call():
            return completion.receive(
                buyer_id=self.market.buyer.pk,
                shop_order_reference=part.reference,
                actor=SYSTEM,
                now=self.tick(),
            )

        if SHOP_ORDER.next_of(part.state, "complete") is None:
            assert isinstance(self.in_vain(call), IllegalTransition)
        else:
            assert self.tried(call) is None
            part.refresh_from_db()
            assert part.state == "COMPLETED"

    @rule()
    def end_the_reduction(self):
        if not self.reduced.reduction.ended_at:
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
        if not hasattr(self, "market"):
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


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_promise_holds_after_every_step_of_any_life():
    walk(OrderLife, examples=12)


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_both_tables_are_walked_whole_and_what_cannot_be_changes_nothing():
    life = OrderLife()
    life.open()

    def order(*names):
        life.order(dict.fromkeys(names, 1), with_coupons=False, for_freight=False)
        return len(life.order_ids) - 1

    def paid(*names):
        life.pay(number := order(*names))
        return number

    def planned(*names):
        number = paid(*names)
        life.work()
        return number

    def scanned(number, state):
        life.scan(number, state)
        life.work()

    for begins, goes_on in [
        (partial(order, "A1", "B1"), life.cancel),
        (partial(paid, "A1", "B1"), life.undo),
        (partial(planned, "A1", "B1"), life.undo),
    ]:
        number = begins()
        life.want_what_cannot_be()
        goes_on(number)
        life.want_what_cannot_be()
    # Two parcels of one shop and one of another: the last two of the parts end by the clock.
    planned("A1", "A3", "B1")
    for state in ("COLLECTED", "SIGNED"):
        for parcel in range(3):
            scanned(parcel, state)
            life.want_what_cannot_be()
    life.receive(-1)
    life.want_what_cannot_be()
    life.wait_and_sweep()
    life.wait_and_sweep()
    life.want_what_cannot_be()

    assert OURS - seen() == set()
    life.every_promise_holds()
    life.no_stock_is_lost()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_refusal_that_writes_is_noticed(monkeypatch):
    def careless(rows, *told, **said):
        moved = advance(rows, *told, **said)
        if not moved:
            Order.objects.update(attempts=F("attempts") + 1)
        return moved

    monkeypatch.setattr(lifecycle, "advance", careless)
    life = OrderLife()
    life.open()
    life.order({"A1": 1}, with_coupons=False, for_freight=False)
    life.pay(0)

    with noticed():
        life.cancel(0)
    life.teardown()


@pytest.mark.django_db
def test_canary_the_promises_notice_stock_that_a_cancelled_order_keeps(monkeypatch, now):
    monkeypatch.setattr(lifecycle.drawing, "release", lambda **_: {})
    order = an_order(now=now)

    lifecycle.cancel(order.pk, actor=SYSTEM, now=now)

    (promise,) = reconciling.run(["placement.orders_explain_stock"])
    assert not promise.is_held
