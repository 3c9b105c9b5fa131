"""Regions are held back and let go again while time goes on; beside them stands a list of hours.

What a quote says at an instant, and how long the promise to send is put off, follow the list.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core.audit.actors import SYSTEM
from core.errors import IllegalTransition, InvalidInput
from core.states import Machine
from logistics.freight.domain.holding import HOLD, HoldKind
from logistics.freight.domain.promising import PROMISE_HOURS, Window, ship_deadline
from logistics.freight.models import DispatchHold
from logistics.freight.selectors import holds, quoting
from logistics.freight.services import holding
from tests.factories.storefronts import a_shop
from tests.support.walking import BEGAN, HOUR, Walk, a_step, noticed, steps_of, walk

SHANGHAI, WUHAN, ZIGUI, HUBEI, LHASA = "310101", "420102", "420527", "420000", "540102"
# From where to where goods travel, and which regions lie on that way.
WAYS = {
    (ZIGUI, WUHAN): {ZIGUI, WUHAN, HUBEI},
    (SHANGHAI, WUHAN): {SHANGHAI, WUHAN, HUBEI},
    (SHANGHAI, SHANGHAI): {SHANGHAI},
}


@dataclass
class Told:
    """A hold as one would keep it in a notebook."""

    row: DispatchHold
    region: str
    kind: HoldKind
    starts_at: datetime
    ends_at: datetime | None
    made_at: datetime
    lifted_at: datetime | None = None

    @property
    def until(self):
        """When it stood in nobody's way any more; None while nobody knows."""
        return min(filter(None, (self.ends_at, self.lifted_at)), default=None)

    def stands_at(self, instant):
        return self.starts_at <= instant and (self.until is None or instant < self.until)


class HoldLife(Walk):
    """An operator sets holds for now, later or already, with an end or without, and lifts them."""

    @initialize()
    def open(self):
        self.shop = a_shop()
        self.told = []

    @rule(
        region=st.sampled_from([SHANGHAI, WUHAN, ZIGUI, HUBEI, LHASA]),
        kind=st.sampled_from(HoldKind),
        after=st.none() | st.integers(-5, 30),
        lasts=st.none() | st.integers(-1, 40),
    )
    def hold(self, region, kind, after, lasts):
        if len(self.told) == 6:
            return
        starts_at = None if after is None else self.now + after * HOUR
        begins = starts_at or self.now
        ends_at = None if lasts is None else begins + lasts * HOUR
        done = self.tried(
            lambda: holding.set_hold(
                region=region,
                kind=kind,
                starts_at=starts_at,
                ends_at=ends_at,
                reason="防控",
                actor=SYSTEM,
                now=self.now,
            )
        )
        if ends_at is not None and (ends_at <= begins or ends_at <= self.now):
            assert isinstance(done, InvalidInput)
        else:
            self.told.append(Told(done, region, kind, begins, ends_at, self.now))

    @rule(number=st.integers(0, 5))
    def lift(self, number):
        if not self.told:
            return
        told = self.told[number % len(self.told)]
        done = self.tried(lambda: holding.lift(told.row, reason="解封", actor=SYSTEM, now=self.now))
        if told.lifted_at is not None:
            assert isinstance(done, IllegalTransition)
        else:
            told.lifted_at = self.now

    @rule(way=st.sampled_from(sorted(WAYS)), later=st.integers(0, 60))
    def ask_about_later(self, way, later):
        """What was lifted is told of by no quote, so one asks only for what is to come."""
        self.compare_quote(way, self.now + later * HOUR)

    def compare_quote(self, way, instant):
        origin, region = way
        load = quoting.Load("box", self.shop.pk, None, "AMBIENT", 1_000, 1, 0, origin)
        freight = quoting.quote([load], region=region, now=instant)[self.shop.pk]
        stands = [
            told
            for told in self.told
            if told.region in WAYS[way] and told.lifted_at is None and told.stands_at(instant)
        ]
        stops = [told for told in stands if told.kind == HoldKind.NO_SHIP]
        assert freight.deliverable == (not stops)
        assert self.is_last(freight.held, stops)
        assert self.is_last(freight.delayed, [] if stops else stands)

    def is_last(self, said, among):
        """Tell whether of several holds the one that ends last speaks, and none of none."""
        if not among:
            return said is None
        ends = [told.ends_at for told in among]
        last = None if None in ends else max(ends)
        until = said.until and datetime.fromisoformat(said.until)
        region = max(told.region for told in among if told.ends_at == last)
        return (until, said.region) == (last, region)

    @rule(way=st.sampled_from(sorted(WAYS)), ago=st.integers(0, 72), promise=st.integers(1, 60))
    def promise(self, way, ago, promise):
        """Let the clock of an order run in every hour that no hold stands in."""
        paid_at = self.now - ago * HOUR
        windows = holds.windows({1: way}, since=paid_at)[1]
        assert ship_deadline(paid_at, promise, windows) == self.counted(way, paid_at, promise)

    def counted(self, way, paid_at, promise):
        on_it = [told for told in self.told if told.region in WAYS[way]]
        bounds = [told.until or told.starts_at for told in on_it]
        settled = max([paid_at, *bounds])
        clock, left = paid_at, promise
        while left:
            is_held = any(told.stands_at(clock) for told in on_it)
            if is_held and clock > settled:
                return None
            left -= not is_held
            clock += HOUR
        return clock

    @invariant()
    def the_notebook_agrees(self):
        for told in getattr(self, "told", ()):
            row = DispatchHold.objects.get(pk=told.row.pk)
            state = "SET" if told.lifted_at is None else "LIFTED"
            assert (row.state, row.lifted_at) == (state, told.lifted_at)
            assert (row.starts_at, row.ends_at) == (told.starts_at, told.ends_at)
            steps = [a_step("create", "", "SET", told.made_at)]
            if told.lifted_at is not None:
                steps.append(a_step("lift", "SET", "LIFTED", told.lifted_at))
            assert steps_of(HOLD, row.pk) == steps

    @invariant()
    def goods_travel_by_the_clock(self):
        if not hasattr(self, "told"):
            return
        for way, regions in WAYS.items():
            self.compare_quote(way, self.now)
            windows = holds.windows({1: way}, since=BEGAN)[1]
            on_it = [told for told in self.told if told.region in regions]
            seen = [told for told in on_it if told.until is None or told.until > BEGAN]
            wanted = [Window(told.starts_at, told.until) for told in seen]
            assert sorted(windows, key=repr) == sorted(wanted, key=repr)


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_goods_and_promises_follow_the_holds_hour_by_hour():
    walk(HoldLife, examples=12)


@pytest.mark.django_db
def test_canary_a_hold_that_is_lifted_twice_is_noticed(monkeypatch):
    careless = {**HOLD.transitions, ("LIFTED", "lift"): "LIFTED"}
    monkeypatch.setattr(holding, "HOLD", Machine(HOLD.subject, careless))
    life = HoldLife()
    life.open()
    life.hold(WUHAN, HoldKind.NO_SHIP, None, None)
    life.lift(0)

    with noticed():
        life.lift(0)
    life.teardown()


@pytest.mark.django_db
def test_canary_a_clock_that_runs_on_under_a_hold_is_noticed(monkeypatch):
    monkeypatch.setattr(holds, "Window", lambda starts_at, until: Window(starts_at, starts_at))
    life = HoldLife()
    life.open()
    life.hold(WUHAN, HoldKind.DELAY, None, 10)

    with noticed():
        life.promise((ZIGUI, WUHAN), 0, PROMISE_HOURS)
    life.teardown()
