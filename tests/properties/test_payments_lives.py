"""Payments and refunds walk through their lives at a provider that is away now and then.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
is refused with nothing changed. Beside it stands the plainest account of whose money is where.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.states import Machine
from orders.payments.domain.states import PAYMENT, REFUND
from orders.payments.models import Payment, ProviderEvent, Refund
from orders.payments.providers import registry
from orders.payments.providers.protocol import ProviderUnavailable
from orders.payments.services import capturing, closing, paying, refunding
from orders.placement.models import Order
from orders.sandbox.services import cashier
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.orders import an_order
from tests.factories.payments import call_back as told_of
from tests.fakes.desk import MoodyDesk
from tests.support.walking import HOUR, Walk, a_step, lines_of, noticed, steps_of, tour, walk

MINUTE = HOUR / 60
# The provider's own books differ from ours until it has called back.
PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("payments.", "ledger.", "quotas.")) and name != "payments.provider_agrees"
]
UNDER_WAY = ("INIT", "PROCESSING")
REASONS = {"LATE": "LATE_PAYMENT", "DUPLICATE": "DUPLICATE_PAYMENT"}


@dataclass
class Owed:
    """Money on its way back."""

    key: int
    next_at: datetime
    state: str = "REQUESTED"
    attempts: int = 0
    steps: list = field(default_factory=list)

    def move(self, action, now):
        source, self.state = self.state, str(REFUND.next_of(self.state, action))
        self.steps.append(a_step(action, source, self.state, now))


@dataclass
class Told:
    """A payment: where it stands, what its provider has of it, and what goes back."""

    row: Payment | None
    order: "Ordered"
    provider: str
    next_at: datetime
    state: str = "INIT"
    verdict: str = ""
    charge: str = ""
    attempts: int = 0
    steps: list = field(default_factory=list)
    owed: dict = field(default_factory=dict)

    @property
    def fen(self):
        return self.row.amount_fen

    def move(self, action, now):
        target = PAYMENT.next_of(self.state, action)
        if target is None:
            return False
        self.steps.append(a_step(action, self.state, target, now))
        self.state = str(target)
        return True

    def resolve(self, now):
        """Nothing came at all, whatever was told."""
        self.move("close", now)
        self.verdict = ""

    def owe(self, reason, now):
        refund = Refund.objects.filter(payment=self.row, reason=reason).first()
        assert refund is not None, f"nothing goes back: {reason}"
        birth = a_step("create", "", "REQUESTED", now)
        self.owed[reason] = Owed(refund.pk, now, steps=[birth])


@dataclass
class Ordered:
    """An order: whether it waits, was paid, is over, and when it is looked at next."""

    row: Order
    next_at: datetime
    state: str = "PENDING_PAYMENT"
    was_paid: bool = False
    attempts: int = 0
    payments: list = field(default_factory=list)

    @property
    def waits(self):
        return self.state == "PENDING_PAYMENT"

    def under_way_at(self, provider):
        found = [
            one for one in self.payments if one.provider == provider and one.state in UNDER_WAY
        ]
        return found[0] if found else None

    def put_off(self, now):
        self.next_at = now + refunding.BACKOFF.after(self.attempts)
        self.attempts += 1


class PaymentLife(Walk):
    """Buyers pay at two desks, twice, late and wrongly; sweeps ask, close and send back."""

    @initialize()
    def open(self):
        self.desk = registry.provider("sandbox")
        self.change_the_mood(away=False, unwilling=False, mumbling=False)
        self.desk.failed.clear()
        self.buyer, self.product = a_user(), a_product(stock=1_000)
        self.orders, self.heard, self.most = [], set(), 3

    @property
    def payments(self):
        told = [one for order in self.orders for one in order.payments]
        return sorted(told, key=lambda one: one.row.pk)

    def pick(self, number):
        found = self.payments
        return found[number % len(found)] if found else None

    def answers(self, told):
        return not (self.desk.is_away and told.provider == "sandbox")

    @rule()
    def order(self):
        if len(self.orders) < self.most:
            row = an_order(self.buyer, [(self.product, 1)], now=self.now)
            self.orders.append(Ordered(row, row.pay_before))

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes):
        self.now += minutes * MINUTE

    @rule(away=st.booleans(), unwilling=st.booleans(), mumbling=st.booleans())
    def change_the_mood(self, away, unwilling, mumbling):
        self.desk.is_away, self.desk.is_unwilling = away, unwilling
        self.desk.mumbles = mumbling

    # What a buyer does.

    @rule(number=st.integers(0, 2), provider=st.sampled_from(["sandbox", "sandbox_card"]))
    def start(self, number, provider):
        if not self.orders:
            return
        order = self.orders[number % len(self.orders)]

        def call():
            return paying.start(
                buyer_id=self.buyer.pk,
                order_reference=order.row.reference,
                provider=provider,
                key=str(uuid4()),
                now=self.now,
            )

        told = order.under_way_at(provider)
        if told is None and not order.waits:
            assert isinstance(self.tried(call), IllegalTransition)
        elif told is None and order.row.pay_before <= self.now:
            assert isinstance(self.tried(call), paying.PaymentWindowOver)
        else:
            self.go_on_with(told or self.begun(order, provider), call)

    def begun(self, order, provider):
        told = Told(None, order, provider, self.now + paying.FIRST_QUERY_AFTER)
        told.steps.append(a_step("create", "", "INIT", self.now))
        order.payments.append(told)
        return told

    def go_on_with(self, told, call):
        try:
            row, has_answered = call(), True
        except ProviderUnavailable:
            # Our row is there all the same, and is gone on with the next time.
            has_answered = False
            row = Payment.objects.get(
                order=told.order.row, provider=told.provider, state__in=UNDER_WAY
            )
        told.row = told.row or row
        assert row.pk == told.row.pk
        mumbled = told.provider == "sandbox" and self.desk.mumbles and told.state == "INIT"
        was_asked = told.state == "INIT"
        assert has_answered == (not was_asked or (self.answers(told) and not mumbled))
        if self.answers(told):
            told.charge = told.charge or "OPEN"
            if not mumbled:
                told.move("start", self.now)

    @rule(number=st.integers(0, 9), late=st.booleans())
    def pay(self, number, late):
        """Pay at the provider's desk, which may take money for what is closed there."""
        if not (told := self.pick(number)) or not told.charge:
            return
        if told.charge == "CLOSED" and not late:
            return
        cashier.capture(
            reference=str(told.row.reference),
            callback=cashier.Callback.NEVER,
            delay_s=0,
            even_if_closed=late,
            now=self.now,
        )
        told.charge = "CAPTURED"

    @rule(number=st.integers(0, 2))
    def cancel(self, number):
        if not self.orders:
            return
        order = self.orders[number % len(self.orders)]

        def call():
            closing.cancel(
                buyer_id=self.buyer.pk, order_reference=order.row.reference, now=self.now
            )

        if not order.waits and order.state != "PAID":
            assert not self.changed(call)
            return
        try:
            call()
            has_answered = True
        except ProviderUnavailable:
            has_answered = False
        assert has_answered == (not order.waits or self.close(order))
        if order.state == "PAID":
            self.undo(order)

    def undo(self, order):
        order.state = "CLOSED"
        for told in order.payments:
            if told.verdict == "APPLIED":
                told.owe("ORDER_CANCELLED", self.now)

    @rule(number=st.integers(0, 9), place=st.integers(0, 11))
    def go_on(self, number, place):
        """Take a step that is possible with a payment, so that walks go far."""
        if not self.payments or place == 0:
            self.order()
            self.start(number, "sandbox")
            return
        number %= len(self.payments)
        told = self.payments[number]
        possible = PAYMENT.actions_in(told.state) or ["undo"]
        action = possible[place % len(possible)]
        self.change_the_mood(away=False, unwilling=False, mumbling=False)
        if action == "start":
            self.start(self.orders.index(told.order), told.provider)
        elif action == "succeed":
            self.pay(number, late=True)
            self.call_back(number, is_wrong=False)
        elif action == "quarantine":
            self.call_back(number, is_wrong=True)
        elif action == "fail":
            self.fail(number)
            self.now = max(self.now, told.next_at)
            self.ask()
        elif told.state == "QUARANTINED":
            self.inspect(number)
        else:
            self.cancel(self.orders.index(told.order))

    @rule(number=st.integers(0, 9), place=st.integers(0, 5))
    def go_on_with_a_refund(self, number, place):
        """Take a step that is possible with money on its way back."""
        owed = [one for told in self.payments for one in told.owed.values()]
        if not owed:
            return
        one = owed[number % len(owed)]
        if one.state == "REQUESTED":
            self.change_the_mood(away=False, unwilling=place % 2 == 0, mumbling=False)
            self.now = max(self.now, one.next_at)
            self.send_back()
        else:
            self.rerun(number)

    # What a provider tells.

    @rule(number=st.integers(0, 9))
    def fail(self, number):
        told = self.pick(number)
        if told and told.provider == "sandbox" and told.charge == "OPEN":
            self.desk.failed.add(str(told.row.reference))
            told.charge = "FAILED"

    @rule(number=st.integers(0, 9), is_wrong=st.booleans())
    def call_back(self, number, is_wrong):
        if not (told := self.pick(number)) or not told.charge:
            return
        if told.charge != "CAPTURED" and not is_wrong:
            return
        event = f"EV{told.row.reference.hex[:20]}{is_wrong}"
        said = {"event_id": event, "amount_fen": told.fen + is_wrong}
        is_first = event not in self.heard
        answers = []
        was_changed = self.changed(lambda: answers.append(told_of(told.row, now=self.now, **said)))
        assert answers == [was_changed] == [is_first]
        if not is_first:
            return
        self.heard.add(event)
        if is_wrong:
            if told.move("quarantine", self.now):
                told.verdict = "QUARANTINED"
        else:
            self.capture(told)

    def capture(self, told):
        """Judge money that came: it pays the order, or goes back."""
        if not told.move("succeed", self.now):
            return
        if told.order.waits:
            told.order.state, told.order.was_paid, told.verdict = "PAID", True, "APPLIED"
        else:
            told.verdict = "DUPLICATE" if told.order.was_paid else "LATE"
            told.owe(REASONS[told.verdict], self.now)

    # What sweeps and people of the platform do.

    @rule()
    def ask(self):
        due = [one for one in self.payments if one.state in UNDER_WAY and one.next_at <= self.now]
        due.sort(key=lambda one: (one.next_at, one.row.pk))
        paid = sum(self.answers(one) and one.charge == "CAPTURED" for one in due)
        assert closing.ask_due(now=self.now) == paid
        for told in due:
            if self.answers(told) and told.charge == "CAPTURED":
                self.capture(told)
            elif self.answers(told) and told.charge in ("CLOSED", "FAILED"):
                told.move("close" if told.charge == "CLOSED" else "fail", self.now)
            else:
                told.next_at = self.now + refunding.BACKOFF.after(told.attempts)
                told.attempts += 1

    @rule()
    def close_what_is_overdue(self):
        due = [
            order
            for order in self.orders
            if order.waits and order.row.pay_before <= self.now and order.next_at <= self.now
        ]
        due.sort(key=lambda order: (order.next_at, order.row.pk))
        cancelled = closing.close_overdue(now=self.now)
        for order in due:
            self.close(order, is_swept=True)
        assert cancelled == sum(order.state == "CANCELLED" for order in due)

    def close(self, order, *, is_swept=False):
        """Ask the provider about each payment, then give the order up; False where none answers."""
        closed = []
        for told in order.payments:
            if told.state not in (*UNDER_WAY, "QUARANTINED"):
                continue
            if not self.answers(told):
                if told.state != "QUARANTINED" or is_swept:
                    order.put_off(self.now)
                return False
            if self.is_open_after_closing_it_there(told):
                closed.append(told)
        for told in closed:
            told.move("close", self.now)
        if order.waits:
            order.state = "CANCELLED"
        return True

    def is_open_after_closing_it_there(self, told):
        if told.charge == "CAPTURED":
            self.capture(told)
            return False
        told.charge = told.charge and "CLOSED"
        if told.state == "QUARANTINED":
            told.resolve(self.now)
            return False
        return True

    @rule(number=st.integers(0, 9))
    def inspect(self, number):
        """Have the provider's books decide about an amount that was wrong."""
        if not (told := self.pick(number)) or told.state != "QUARANTINED":
            return
        if self.answers(told):
            capturing.inspect(told.row.pk, now=self.now)
            assert not self.is_open_after_closing_it_there(told)
        else:
            done = self.tried(lambda: capturing.inspect(told.row.pk, now=self.now))
            assert isinstance(done, ProviderUnavailable)

    @rule()
    def send_back(self):
        due = [
            (told, owed)
            for told in self.payments
            for owed in told.owed.values()
            if owed.state == "REQUESTED" and owed.next_at <= self.now
        ]
        is_no = {
            owed.key: told.provider == "sandbox" and self.desk.is_unwilling for told, owed in due
        }
        sent = sum(self.answers(told) and not is_no[owed.key] for told, owed in due)
        assert refunding.send_due(now=self.now) == sent
        for told, owed in due:
            if not self.answers(told):
                owed.next_at = self.now + refunding.BACKOFF.after(owed.attempts)
                owed.attempts += 1
            else:
                owed.move("park" if is_no[owed.key] else "succeed", self.now)

    @rule(number=st.integers(0, 9))
    def rerun(self, number):
        owed = [one for told in self.payments for one in told.owed.values()]
        if not owed:
            return
        one = owed[number % len(owed)]
        done = self.tried(lambda: refunding.rerun(one.key, actor=SYSTEM, now=self.now))
        if REFUND.next_of(one.state, "rerun") is None:
            assert isinstance(done, IllegalTransition)
        else:
            one.move("rerun", self.now)
            one.next_at, one.attempts = self.now, 0

    @rule(number=st.integers(0, 9))
    def ask_for_it_back_again(self, number):
        """Nothing goes back twice for one reason, nor more than came."""
        if not (told := self.pick(number)):
            return
        for reason in told.owed or ["SELLER_DEFAULT"]:
            said = []
            row = Payment.objects.get(pk=told.row.pk)
            assert not self.changed(
                lambda reason=reason, row=row, said=said: said.append(
                    refunding.request(
                        row, amount_fen=row.captured_fen + 1, reason=reason, now=self.now
                    )
                )
            )
            assert said == [False]

    @invariant()
    def the_notebook_agrees(self):
        for told in self.payments if hasattr(self, "orders") else ():
            row = Payment.objects.get(pk=told.row.pk)
            assert (row.state, row.verdict) == (told.state, told.verdict)
            assert row.captured_fen == (told.fen if told.state == "SUCCEEDED" else 0)
            assert row.refunded_fen == (told.fen if told.owed else 0)
            assert steps_of(PAYMENT, row.pk) == told.steps
            rows = {refund.reason: refund for refund in Refund.objects.filter(payment=row)}
            assert rows.keys() == told.owed.keys()
            for reason, owed in told.owed.items():
                assert (rows[reason].state, rows[reason].attempts) == (owed.state, owed.attempts)
                assert (rows[reason].refunded_at is not None) == (owed.state == "SUCCEEDED")
                assert steps_of(REFUND, owed.key) == owed.steps

    @invariant()
    def orders_agree_and_every_promise_holds(self):
        if not hasattr(self, "orders"):
            return
        states = {order.row.pk: order.state for order in self.orders}
        assert dict(Order.objects.values_list("pk", "state")) == states
        assert ProviderEvent.objects.count() == len(self.heard)
        assert [result for result in reconciling.run(PROMISES) if not result.is_held] == []


@pytest.fixture(autouse=True)
def _a_desk_with_moods(monkeypatch):
    monkeypatch.setitem(registry._SANDBOX, "sandbox", MoodyDesk())


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_whatever_comes_pays_one_order_once_or_goes_back():
    walk(PaymentLife, examples=12, steps=30)


def a_market_begins():
    walked = PaymentLife()
    walked.open()
    walked.most = 8

    def open_another(die):
        # Now and then the answer is lost on its way to us.
        walked.change_the_mood(away=False, unwilling=False, mumbling=die.random() < 0.6)
        if not walked.orders or die.random() < 0.4:
            walked.order()
        walked.start(len(walked.orders) - 1, die.choice(["sandbox", "sandbox", "sandbox_card"]))

    def live_through_lean_times(die):
        walked.change_the_mood(away=True, unwilling=False, mumbling=False)
        walked.wait(die.randrange(1, 9))
        for sweep in (walked.ask, walked.close_what_is_overdue, walked.send_back):
            sweep()

    return walked, [
        open_another,
        # The newest go on most.
        lambda die: walked.go_on(-1 - die.randrange(4), die.randrange(1, 12)),
        lambda die: walked.go_on_with_a_refund(-1 - die.randrange(4), die.randrange(6)),
        lambda die: walked.rerun(-1 - die.randrange(4)),
        live_through_lean_times,
        lambda die: walked.the_notebook_agrees(),
    ]


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_a_tour_sees_both_tables_whole():
    assert tour(lines_of(PAYMENT, REFUND), a_market_begins) == []


def begun():
    """Return a walk in which somebody has paid at the desk and nobody was told yet."""
    life = PaymentLife()
    life.open()
    life.order()
    life.start(0, "sandbox")
    life.pay(0, late=False)
    return life


@pytest.mark.django_db
def test_canary_money_that_counts_twice_is_noticed(monkeypatch):
    life = begun()
    life.start(0, "sandbox_card")
    life.pay(1, late=False)
    life.call_back(0, is_wrong=False)
    monkeypatch.setattr(capturing, "_send_back", lambda *told, **said: None)

    with noticed():
        life.call_back(1, is_wrong=False)
        life.the_notebook_agrees()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_wrong_amount_that_nobody_holds_is_noticed(monkeypatch):
    monkeypatch.setattr(capturing, "_quarantine", lambda payment, now: None)
    life = begun()

    with noticed():
        life.call_back(0, is_wrong=True)
        life.the_notebook_agrees()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_refund_that_is_sent_again_is_noticed(monkeypatch):
    life = begun()
    life.call_back(0, is_wrong=False)
    life.cancel(0)
    life.send_back()
    careless = {**REFUND.transitions, ("SUCCEEDED", "rerun"): "REQUESTED"}
    monkeypatch.setattr(refunding, "REFUND", Machine(REFUND.subject, careless))
    refunded = refunding.advance_one

    def forgetful(*rows, **said):
        return refunded(*rows, **said, refunded_at=None)

    monkeypatch.setattr(refunding, "advance_one", forgetful)

    with noticed():
        life.rerun(0)
    life.teardown()
