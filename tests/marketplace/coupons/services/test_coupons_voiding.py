"""Fraud: coupons taken back, one, a ring's or a whole batch, with their money and their orders."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core import reconciling
from core.audit.actors import Actor
from core.audit.models import StateLog
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.outbox.models import Delivery
from core.quotas.selectors import availability
from marketplace.abuse.domain.marks import Origin
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBatch, UserCoupon
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import claims, deciding, expiring, redemption, voiding
from orders.payments.models import Payment, Refund
from orders.payments.services import closing, paying
from orders.placement.models import Order
from orders.placement.selectors import quotes
from tests.factories import abuse
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon, decided
from tests.factories.orders import a_checkout, an_order, paid_for, place, wanted
from tests.factories.payments import a_payment, call_back
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
OPERATOR = "刷券"
EVERYTHING = ("coupons.", "placement.", "quotas.")


@pytest.fixture
def operator():
    return Actor(a_user().pk)


@pytest.fixture
def budget():
    return a_budget(100_000, daily_cap_fen=60_000)


def a_campaign(budget, **changes):
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    facts = {"threshold_fen": 6_000, "per_user_limit": 9, "funding": funding}
    return a_batch(**facts | changes)


@pytest.fixture
def batch(budget):
    return a_campaign(budget)


@pytest.fixture
def goods():
    return a_product(price_fen=6_000, stock=50)


def void(coupon, operator, now, reason=OPERATOR):
    with transaction.atomic():
        return voiding.void(coupon.reference, reason=reason, actor=operator, now=now)


def state(coupon):
    return UserCoupon.objects.get(pk=coupon.pk).state


def money_of(budget):
    names = [name for name in reconciling.names() if name.startswith(EVERYTHING)]
    assert [one.name for one in reconciling.run(names) if not one.is_held] == []
    found = availability.figures([budget.quota_id])[budget.quota_id]
    return found.held, found.spent


def test_an_unused_coupon_is_voided_and_its_money_is_free(budget, batch, operator, now):
    coupon = a_coupon(a_user(), batch, now)

    told = void(coupon, operator, now)

    assert (told.state, state(coupon)) == ("VOIDED", "VOIDED")
    assert money_of(budget) == (0, 0)
    log = StateLog.objects.get(subject="user_coupon", subject_id=coupon.pk)
    assert (log.action, log.to_state, log.reason, log.actor_id) == (
        *("void", "VOIDED", OPERATOR, operator.user_id),
    )
    # The piece stays taken, and so does its place in the person's count.
    assert availability.figures([batch.quota_id])[batch.quota_id].spent == 1
    with pytest.raises(redemption.CouponNotUsable), transaction.atomic():
        redemption.lock(
            [coupon.reference], user_id=coupon.user_id, order_reference=uuid4(), now=now
        )
    assert expiring.expire_due(coupon.valid_until) == 0


def test_nothing_is_voided_without_a_word(batch, operator, now):
    coupon, trace = a_coupon(a_user(), batch, now), abuse.a_trace(now=now)

    for reason in ("", "  "):
        with pytest.raises(InvalidInput):
            void(coupon, operator, now, reason)
        with pytest.raises(InvalidInput), transaction.atomic():
            voiding.void_ring(trace.reference, reason=reason, actor=operator, now=now)
        with pytest.raises(InvalidInput), transaction.atomic():
            deciding.decide(batch.reference, "void", actor=operator, now=now, reason=reason)

    assert state(coupon) == "UNUSED"


@pytest.mark.parametrize("ended", ["used", "expired", "voided"])
def test_what_is_spent_or_over_is_not_voided(budget, goods, operator, now, ended):
    batch = a_campaign(budget, use_until=None, days_after_claim=1)
    user = a_user()
    coupon = a_coupon(user, batch, now)
    if ended == "used":
        an_order(user, [(goods, 1)], paid=True, coupons=[coupon], now=now)
    elif ended == "expired":
        expiring.expire_due(coupon.valid_until)
    else:
        void(coupon, operator, now)
    before, logs = money_of(budget), StateLog.objects.count()

    with pytest.raises(IllegalTransition):
        void(coupon, operator, now)

    assert (money_of(budget), StateLog.objects.count()) == (before, logs)


def test_what_is_not_there_is_not_voided(operator, now):
    with pytest.raises(NotFound), transaction.atomic():
        voiding.void(uuid4(), reason=OPERATOR, actor=operator, now=now)
    with pytest.raises(NotFound), transaction.atomic():
        voiding.void_ring(uuid4(), reason=OPERATOR, actor=operator, now=now)


def an_unpaid_order(goods, batch, now):
    user = a_user()
    coupon = a_coupon(user, batch, now)
    return an_order(user, [(goods, 1)], coupons=[coupon], now=now), coupon


@pytest.mark.parametrize("mode", ["AT_CLAIM", "AT_USE"])
def test_a_coupon_in_an_unpaid_order_is_voided_and_the_order_closed(
    budget, goods, operator, now, mode
):
    order, coupon = an_unpaid_order(goods, a_campaign(budget, commit_mode=mode), now)
    later = now + timedelta(minutes=1)

    void(coupon, operator, later)

    assert state(coupon) == "VOIDED"
    assert money_of(budget) == (0, 0)
    deliver_all(now=later)
    assert closing.close_overdue(now=later) == 1
    order.refresh_from_db()
    assert order.state == "CANCELLED"
    stock = goods.skus.get().stock_quota_id
    assert availability.left([stock]) == {stock: 50}
    assert money_of(budget) == (0, 0)


@pytest.mark.parametrize("mode", ["AT_CLAIM", "AT_USE"])
def test_money_that_comes_for_an_order_with_a_void_coupon_goes_back(
    budget, goods, operator, now, mode
):
    order, coupon = an_unpaid_order(goods, a_campaign(budget, commit_mode=mode), now)
    payment = a_payment(order, now=now)
    void(coupon, operator, now)

    call_back(payment, now=now)

    order.refresh_from_db()
    assert order.state == "CANCELLED"
    assert Payment.objects.get().verdict == "LATE"
    refund = Refund.objects.get()
    assert (refund.reason, refund.amount_fen) == ("LATE_PAYMENT", 3_000)
    assert money_of(budget) == (0, 0)


def test_money_that_came_first_counts(budget, goods, batch, operator, now):
    order, coupon = an_unpaid_order(goods, batch, now)
    paid_for(order, now)

    with pytest.raises(IllegalTransition):
        void(coupon, operator, now)

    assert (state(coupon), money_of(budget)) == ("USED", (0, 3_000))


def test_of_two_coupons_of_an_order_the_other_comes_back(budget, goods, batch, operator, now):
    user, own = a_user(), a_batch(goods.shop, threshold_fen=1_000, amount_fen=500)
    shops = a_coupon(user, own, now)
    coupon = a_coupon(user, batch, now)
    order = an_order(user, [(goods, 1)], coupons=[shops, coupon], now=now)
    void(coupon, operator, now)

    deliver_all(now=now + timedelta(minutes=1))
    closing.close_overdue(now=now + timedelta(minutes=1))

    order.refresh_from_db()
    assert (order.state, state(shops), state(coupon)) == ("CANCELLED", "UNUSED", "VOIDED")


def test_somebody_who_wants_to_pay_it_is_told_that_the_time_is_over(goods, batch, operator, now):
    order, coupon = an_unpaid_order(goods, batch, now)
    void(coupon, operator, now)
    deliver_all(now=now)

    with pytest.raises(paying.PaymentWindowOver):
        a_payment(order, now=now + timedelta(seconds=1))


@pytest.fixture
def ring(now):
    """Three people on one device, one of them noted twice, and somebody on another."""
    shared = Origin(device="app-0123456789")
    people = [a_user() for _ in range(3)]
    traces = [abuse.a_trace(person, now=now, origin=shared) for person in (*people, people[0])]
    outsider = a_user()
    abuse.a_trace(outsider, now=now, origin=Origin(device="app-9876543210"))
    return traces, people, outsider


def test_a_whole_ring_is_voided_in_one_call(budget, goods, batch, ring, operator, now):
    traces, people, outsider = ring
    unused = [a_coupon(person, batch, now) for person in (*people, people[0])]
    order_coupon = a_coupon(people[1], batch, now)
    an_order(people[1], [(goods, 1)], coupons=[order_coupon], now=now)
    used = a_coupon(people[2], batch, now)
    an_order(people[2], [(goods, 1)], paid=True, coupons=[used], now=now)
    other = a_coupon(outsider, batch, now)

    with transaction.atomic():
        done = voiding.void_ring(traces[1].reference, reason=OPERATOR, actor=operator, now=now)

    assert done.people == 3
    assert set(done.coupons) == {one.reference for one in (*unused, order_coupon)}
    assert (state(used), state(other)) == ("USED", "UNUSED")
    assert money_of(budget) == (3_000, 3_000)
    logs = StateLog.objects.filter(subject="user_coupon", action="void")
    assert set(logs.values_list("reason", "actor_id")) == {(OPERATOR, operator.user_id)}
    with transaction.atomic():
        again = voiding.void_ring(traces[0].reference, reason=OPERATOR, actor=operator, now=now)
    assert (again.people, again.coupons) == (3, [])
    deliver_all(now=now + timedelta(minutes=1))
    closing.close_overdue(now=now + timedelta(minutes=1))
    assert set(Order.objects.values_list("state", flat=True)) == {"CANCELLED", "PAID"}


def test_voiding_a_large_ring_costs_as_many_statements_as_a_small_one(
    batch, operator, now, queries_of
):
    def a_ring(device, size):
        people = [a_user() for _ in range(size)]
        traces = [abuse.a_trace(person, now=now, origin=Origin(device=device)) for person in people]
        for person in people:
            a_coupon(person, batch, now)
        return traces[0].reference

    def voiding_of(trace):
        def call():
            with transaction.atomic():
                voiding.void_ring(trace, reason=OPERATOR, actor=operator, now=now)

        return call

    small, large = a_ring("app-11111111", 1), a_ring("app-22222222", 7)
    assert queries_of(voiding_of(small)) == queries_of(voiding_of(large)) <= 8


def voided(batch, operator, now):
    with transaction.atomic():
        return deciding.decide(batch.reference, "void", actor=operator, now=now, reason=OPERATOR)


def test_a_voided_batch_is_worth_nothing_from_that_instant(budget, goods, batch, operator, now):
    user = a_user()
    coupon = a_coupon(user, batch, now)
    checkout = a_checkout(user, [(goods, 1)], [coupon], now)
    order, locked = an_unpaid_order(goods, batch, now)
    payment = a_payment(order, now=now)
    used = a_coupon(user, batch, now)
    an_order(user, [(goods, 1)], paid=True, coupons=[used], now=now)

    closed = voided(batch, operator, now)

    assert (closed.state, closed.voided_at, closed.ended_at) == ("CLOSED", now, now)
    with pytest.raises(claims.CouponWindow):
        a_coupon(a_user(), batch, now)
    with pytest.raises(redemption.CouponNotUsable):
        place(user, checkout, now)
    asked = quotes.quote(
        buyer_id=user.pk,
        wanted=wanted((goods, 1)),
        region=an_address(user).region,
        coupons=quotes.Coupons([coupon.reference], is_best=True),
        now=now,
    )
    assert [problem.code for problem in asked.problems] == ["COUPON_NOT_USABLE"]
    listed = {one.pk: wallet.state_at(one, now) for one in wallet.coupons_of(user.pk, None, now)}
    assert listed == {coupon.pk: "VOIDED", used.pk: "USED"}
    assert [one.pk for one in wallet.coupons_of(user.pk, "VOIDED", now)] == [coupon.pk]
    assert not wallet.coupons_of(user.pk, "UNUSED", now)
    call_back(payment, now=now)
    order.refresh_from_db()
    assert order.state == "CANCELLED"

    # The sweep frees the money, some at a time; nothing waited for it.
    assert voiding.void_due(now, limit=1) == 1
    assert voiding.void_due(now) == 1
    assert voiding.void_due(now) == 0
    assert [state(one) for one in (coupon, locked, used)] == ["VOIDED", "VOIDED", "USED"]
    assert money_of(budget) == (0, 3_000)


@pytest.mark.parametrize("steps", [[], ["pause"], ["end"], ["end", "close"]])
def test_a_batch_is_voided_from_wherever_it_stands_once(batch, operator, now, steps):
    for step in steps:
        decided(batch, step)
    before = CouponBatch.objects.get(pk=batch.pk)

    after = voided(batch, operator, now)

    assert (after.state, after.voided_at) == ("CLOSED", now)
    assert after.ended_at == (before.ended_at or now)
    log = StateLog.objects.filter(subject="coupon_batch", action="void").get()
    assert (log.from_state, log.reason) == (before.state, OPERATOR)
    with pytest.raises(IllegalTransition):
        voided(batch, operator, now)


@pytest.mark.parametrize("steps", [[], ["submit"], ["submit", "reject"]])
def test_a_batch_that_never_ran_has_nothing_to_void(operator, now, steps):
    batch = a_batch(active=False)
    for step in steps:
        decided(batch, step)

    with pytest.raises(IllegalTransition):
        voided(batch, operator, now)


def test_orders_of_a_voided_batch_are_closed_by_the_sweeps(budget, goods, batch, operator, now):
    orders = [an_unpaid_order(goods, batch, now)[0] for _ in range(3)]
    voided(batch, operator, now)
    later = now + timedelta(minutes=1)

    assert voiding.void_due(later) == 3
    assert Delivery.objects.filter(message__topic="coupons.coupon_voided").count() == 3
    deliver_all(now=later)
    assert closing.close_overdue(now=later) == 3

    states = Order.objects.filter(pk__in=[one.pk for one in orders]).values_list("state", flat=True)
    assert set(states) == {"CANCELLED"}
    assert money_of(budget) == (0, 0)


def test_the_database_refuses_half_a_voiding(batch, now):
    coupon = a_coupon(a_user(), batch, now)
    rows = UserCoupon.objects.filter(pk=coupon.pk)
    for changes in ({"state": "VOIDED"}, {"voided_at": now}):
        with (
            pytest.raises(IntegrityError, match="coupons_usercoupon_voiding_is_dated"),
            transaction.atomic(),
        ):
            rows.update(**changes)
    with (
        pytest.raises(IntegrityError, match="coupons_couponbatch_voided_is_closed"),
        transaction.atomic(),
    ):
        CouponBatch.objects.filter(pk=batch.pk).update(voided_at=now)
