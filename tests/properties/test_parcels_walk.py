"""Parcels are booked, called back, scanned in any order and signed for, by a carrier with moods.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import InvalidInput
from core.states import Machine
from logistics.parcels.domain.states import PARCEL, SCANNED, ParcelState, Scan, scan_of
from logistics.parcels.models import Parcel, TrackingEvent
from logistics.parcels.providers import registry
from logistics.parcels.providers.protocol import CarrierRefused
from logistics.parcels.services import asking, planning, tracking
from tests.factories.accounts import a_user
from tests.factories.parcels import planned, told
from tests.fakes.carrier import DOWN, MoodyCarrier
from tests.support.walking import HOUR, Walk, a_step, by, lines_of, noticed, seen, steps_of, walk

MINUTE = HOUR / 60
PROMISES = [name for name in reconciling.names() if name.startswith("parcels.")]
ORDER = list(ParcelState)


@dataclass
class Sent:
    """A parcel as one would keep it in a notebook: what was reported, and when to ask next."""

    row: Parcel
    next_at: datetime | None
    state: str = "PLANNED"
    scans: list = field(default_factory=list)
    attempts: int = 0
    parked_at: datetime | None = None
    handed_over_at: datetime | None = None
    signed_at: datetime | None = None
    steps: list = field(default_factory=list)

    def move(self, action, now):
        target = PARCEL.next_of(self.state, action)
        assert target is not None
        self.steps.append(a_step(action, self.state, target, now))
        self.state = str(target)

    def settle(self, now):
        """Stand where all reports put it: returned, or else signed for, or else the last."""
        if not self.scans or self.state == "PLANNED":
            return
        if self.state == "CANCELLED":
            self.parked_at, self.next_at = now, None
            return
        known = sorted(self.scans, key=lambda scan: (scan.at, ORDER.index(scan.state), scan.key))
        states = [scan.state for scan in known]
        home = states.index("RETURNED") if "RETURNED" in states else None
        before = states[:home]
        signed = before.index("SIGNED") if "SIGNED" in before else None
        self.handed_over_at = known[0].at
        self.signed_at = None if signed is None else known[signed].at
        target = states[-1] if signed is None else "SIGNED"
        if home is not None:
            target = "RETURNED"
        if target in ("SIGNED", "RETURNED"):
            self.next_at = None
        if target != self.state:
            self.move(scan_of(target), now)


class ParcelLife(Walk):
    """The market plans parcels and calls them back; their carrier reports, is down or refuses."""

    @initialize()
    def open(self):
        self.carrier = registry.carrier("sandbox")
        self.carrier.moods.clear()
        self.lead = a_user()
        self.sent, self.most = [], 3

    def pick(self, number):
        return self.sent[number % len(self.sent)] if self.sent else None

    @rule()
    def plan(self):
        if len(self.sent) < self.most:
            (row,) = planned(self.now)
            sent = Sent(row, self.now + planning.ASK_AGAIN_AFTER)
            sent.steps.append(a_step("create", "", "PLANNED", self.now))
            self.sent.append(sent)

    @rule(number=st.integers(0, 2), mood=st.sampled_from([None, None, DOWN, CarrierRefused]))
    def ask(self, number, mood):
        if sent := self.pick(number):
            self.carrier.moods[:] = [mood]
            asking.ask(sent.row.pk, now=self.now)
            self.note_what_was_asked(sent, mood)
            self.carrier.moods.clear()

    @rule()
    def sweep(self):
        due = [one for one in self.sent if one.next_at is not None and one.next_at <= self.now]
        assert asking.ask_due(now=self.now) == len(due)
        for sent in due:
            self.note_what_was_asked(sent, None)

    def note_what_was_asked(self, sent, mood):
        if sent.next_at is None:
            return
        if mood is CarrierRefused:
            sent.parked_at, sent.next_at = self.now, None
        elif mood is DOWN:
            wait = asking.BACKOFF.after(sent.attempts)
            sent.attempts += 1
            if sent.attempts == asking.ATTEMPTS_MAX:
                sent.attempts -= 1
                sent.parked_at, sent.next_at = self.now, None
            else:
                sent.next_at = self.now + wait
        elif sent.state == "CANCELLED":
            sent.next_at, sent.attempts = None, 0
        else:
            if sent.state == "PLANNED":
                sent.move("book", self.now)
                sent.attempts = 0
            sent.settle(self.now)
            # What has arrived is asked about no more.
            if sent.next_at is not None:
                sent.next_at, sent.attempts = self.now + asking._poll_every(), 0

    @rule(number=st.integers(0, 2))
    def call_back(self, number):
        if not (sent := self.pick(number)):
            return
        said = []
        was_changed = self.changed(
            lambda: said.append(
                planning.cancel(str(sent.row.shop_order_reference), now=self.now, actor=SYSTEM)
            )
        )
        assert said == [sent.handed_over_at is None]
        assert was_changed == (sent.state in ("PLANNED", "CREATED"))
        if was_changed:
            sent.move("cancel", self.now)
            sent.next_at = self.now + planning.ASK_AGAIN_AFTER
            sent.attempts, sent.parked_at = 0, None

    @rule(
        number=st.integers(0, 2),
        state=st.sampled_from(SCANNED),
        minutes=st.integers(-90, 70),
        often=st.integers(1, 2),
    )
    def report(self, number, state, minutes, often):
        if not (sent := self.pick(number)):
            return
        at = self.now + minutes * MINUTE
        scan = Scan(f"{state} {at}", state, at)
        reference = str(sent.row.reference)
        done = self.tried(lambda: tracking.hear(reference, [scan] * often, now=self.now))
        if at > self.now + tracking.AHEAD_MAX:
            assert isinstance(done, InvalidInput)
            return
        assert done is None
        if scan not in sent.scans:
            sent.scans.append(scan)
        sent.settle(self.now)

    @rule(number=st.integers(0, 2), place=st.integers(0, 29))
    def go_on(self, number, place):
        """Take a step that is possible, so that walks go far."""
        if not self.sent or place % 5 == 0:
            self.plan()
        self.wait(10)
        sent = self.pick(number)
        possible = PARCEL.actions_in(sent.state)
        action = possible[place % len(possible)] if possible else ""
        if action == "book":
            self.ask(number, None)
        elif action == "cancel" and place >= 20:
            self.call_back(number)
        elif action.startswith("scan_"):
            self.report(number, ParcelState(action.removeprefix("scan_").upper()), 0, 1)

    @rule(number=st.integers(0, 2), place=st.integers(0, 9))
    def repeat(self, number, place):
        """A report that was heard before says nothing new."""
        sent = self.pick(number)
        if not sent or not sent.scans:
            return
        scan = sent.scans[place % len(sent.scans)]
        tracking.hear(str(sent.row.reference), [scan], now=self.now)
        sent.settle(self.now)

    @rule(number=st.integers(0, 2))
    def rerun(self, number):
        if not (sent := self.pick(number)):
            return
        said = []
        was_changed = self.changed(
            lambda: said.append(asking.rerun([sent.row.pk], actor=by(self.lead), now=self.now))
        )
        is_parked = sent.parked_at is not None
        assert (was_changed, said) == (is_parked, [is_parked])
        if is_parked:
            sent.parked_at, sent.attempts, sent.next_at = None, 0, self.now

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes):
        self.now += minutes * MINUTE

    @invariant()
    def the_notebook_agrees(self):
        for sent in getattr(self, "sent", ()):
            row = Parcel.objects.get(pk=sent.row.pk)
            assert row.state == sent.state
            assert (row.handed_over_at, row.signed_at) == (sent.handed_over_at, sent.signed_at)
            assert (row.next_attempt_at, row.attempts) == (sent.next_at, sent.attempts)
            assert row.parked_at == sent.parked_at
            assert steps_of(PARCEL, row.pk) == sent.steps
            heard = TrackingEvent.objects.filter(parcel=row).exclude(state="CREATED")
            assert heard.count() == len(sent.scans)

    @invariant()
    def facts_are_told_once(self):
        if not hasattr(self, "sent"):
            return
        gone = {str(sent.row.reference) for sent in self.sent if sent.handed_over_at}
        handed = [fact["parcel_reference"] for fact in told("parcel_handed_over")]
        assert sorted(handed) == sorted(gone)
        assert [result for result in reconciling.run(PROMISES) if not result.is_held] == []


@pytest.fixture(autouse=True)
def _a_carrier_with_moods(monkeypatch):
    monkeypatch.setitem(registry._SANDBOX, "sandbox", MoodyCarrier())


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_whatever_is_reported_parcels_stand_where_all_of_it_puts_them():
    walk(ParcelLife, examples=12, steps=30)


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_every_line_of_the_table_is_walked_and_what_cannot_be_changes_nothing():
    walked = ParcelLife()
    walked.open()
    walked.most = len(PARCEL.transitions)
    for number, (state, action) in enumerate(PARCEL.transitions):
        walked.plan()
        if state != "PLANNED":
            walked.ask(number, None)
        if state in SCANNED:
            walked.report(number, state, 0, 1)
            # A carrier has it: nobody calls it back.
            walked.call_back(number)
        walked.wait(1)
        if action == "book":
            walked.ask(number, None)
        elif action == "cancel":
            walked.call_back(number)
            walked.call_back(number)
        else:
            walked.report(number, ParcelState(action.removeprefix("scan_").upper()), 0, 1)

    assert lines_of(PARCEL) <= seen()
    walked.the_notebook_agrees()
    walked.facts_are_told_once()
    walked.teardown()


@pytest.mark.django_db
def test_a_carrier_that_is_down_too_often_or_refuses_waits_for_a_person():
    walked = ParcelLife()
    walked.open()
    walked.plan()
    for mood in [DOWN] * asking.ATTEMPTS_MAX + [None, CarrierRefused]:
        walked.ask(0, mood)
        walked.the_notebook_agrees()
        walked.wait(90)
    for mood in (CarrierRefused, None, DOWN):
        walked.rerun(0)
        walked.ask(0, mood)
        walked.sweep()
        walked.the_notebook_agrees()
    walked.teardown()


@pytest.mark.django_db
def test_canary_a_parcel_that_is_called_back_twice_is_noticed(monkeypatch):
    careless = {**PARCEL.transitions, ("CANCELLED", "cancel"): "CANCELLED"}
    monkeypatch.setattr(planning, "PARCEL", Machine(PARCEL.subject, careless))
    life = ParcelLife()
    life.open()
    life.plan()
    life.call_back(0)

    with noticed():
        life.call_back(0)
    life.teardown()


@pytest.mark.django_db
def test_canary_a_signature_that_is_taken_back_is_noticed(monkeypatch):
    careless = {**PARCEL.transitions, ("SIGNED", scan_of("PROBLEM")): "PROBLEM"}
    monkeypatch.setattr(tracking, "PARCEL", Machine(PARCEL.subject, careless))
    journey_of = tracking.journey_of
    monkeypatch.setattr(tracking, "journey_of", lambda scans: journey_of(list(scans)[-1:]))
    life = ParcelLife()
    life.open()
    life.plan()
    life.ask(0, None)
    life.report(0, ParcelState.SIGNED, 0, 1)

    with noticed():
        life.report(0, ParcelState.PROBLEM, 1, 1)
        life.the_notebook_agrees()
    life.teardown()
