"""Full reductions walk through their life in any order while time goes on; prices follow the clock.

Beside it stands the plainest account there can be: a list of what was set up, judged by its window.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
)

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition
from core.states import Machine
from marketplace.activities.selectors import offers
from marketplace.reductions.domain.states import REDUCTION
from marketplace.reductions.models import ShopReduction
from marketplace.reductions.services import reductions
from tests.factories.catalogue import a_product
from tests.factories.reductions import a_draft
from tests.support.walking import HOUR, Walk, lines_of, noticed, seen, walk

PROMISES = [name for name in reconciling.names() if name.startswith("reductions.")]


@dataclass
class Told:
    """What was set up: the goods it counts for, none for all, and when."""

    row: ShopReduction
    goods: frozenset[int]
    starts_at: datetime
    ends_at: datetime
    ended: bool = False

    def counts_at(self, now):
        return not self.ended and self.starts_at <= now < self.ends_at

    def meets(self, goods, starts_at, ends_at):
        same = not goods or not self.goods or bool(goods & self.goods)
        is_then = self.starts_at < ends_at and starts_at < self.ends_at
        return not self.ended and same and is_then


class ReductionLife(Walk):
    """A shop sets reductions up and ends them; the clock starts and ends them, late or never."""

    @initialize()
    def open(self):
        first = a_product()
        self.products = [first, a_product(first.shop), a_product(first.shop)]
        self.told = []

    @rule(
        places=st.sets(st.integers(0, 2), max_size=2),
        after=st.integers(-2, 4),
        hours=st.integers(1, 4),
    )
    def set_up(self, places, after, hours):
        chosen = [self.products[place] for place in places]
        goods = frozenset(product.pk for product in chosen)
        starts_at, ends_at = self.now + after * HOUR, self.now + (after + hours) * HOUR
        if ends_at <= self.now:
            return
        draft = a_draft(*chosen, now=self.now, starts_at=starts_at, ends_at=ends_at)
        # It begins now at the earliest, so one whose end nobody has noted yet is not in the way.
        starts_at = max(starts_at, self.now)
        is_taken = any(told.meets(goods, starts_at, ends_at) for told in self.told)
        shop = self.products[0].shop
        done = self.tried(lambda: reductions.set_up(shop, draft, actor=SYSTEM, now=self.now))
        if is_taken:
            assert isinstance(done, reductions.ReductionOverlap)
        else:
            self.told.append(Told(done, goods, starts_at, ends_at))

    @rule(number=st.integers(0, 9))
    def end(self, number):
        if not self.told:
            return
        told = self.told[number % len(self.told)]
        state = ShopReduction.objects.get(pk=told.row.pk).state
        done = self.tried(lambda: reductions.end(told.row, actor=SYSTEM, now=self.now))
        if REDUCTION.next_of(state, "end") is None:
            assert isinstance(done, IllegalTransition)
        else:
            assert done is None
            told.ended = True

    @rule(hours=st.integers(1, 3))
    def wait(self, hours):
        self.now += hours * HOUR

    @rule()
    def sweep(self):
        reductions.keep_time(now=self.now)
        for told in self.told:
            state = ShopReduction.objects.get(pk=told.row.pk).state
            if told.ended or told.ends_at <= self.now:
                told.ended = True
                assert state == "ENDED"
            else:
                assert state == ("RUNNING" if told.starts_at <= self.now else "SCHEDULED")

    @invariant()
    def every_promise_holds(self):
        assert [result for result in reconciling.run(PROMISES) if not result.is_held] == []

    @invariant()
    def prices_follow_the_clock(self):
        for product in getattr(self, "products", ()):
            found = offers.standing(
                [product.pk], [], shop_ids=[product.shop_id], now=self.now
            ).reductions
            wanted = [
                told.row.pk
                for told in self.told
                if told.counts_at(self.now) and (not told.goods or product.pk in told.goods)
            ]
            assert [terms.reduction_id for terms in found] == wanted
            assert len(wanted) <= 1


@pytest.mark.django_db
def test_whatever_happens_prices_follow_the_clock():
    walk(ReductionLife, examples=15, steps=25)


@pytest.mark.django_db
def test_the_whole_table_is_walked_and_what_cannot_be_changes_nothing():
    life = ReductionLife()
    life.open()
    for number, (after, hours_until_the_end) in enumerate([(1, 0), (0, 0), (0, 2)]):
        life.set_up({0}, after, 2)
        life.set_up({0, 1}, after, 1)
        life.sweep()
        if hours_until_the_end:
            life.wait(hours_until_the_end)
            life.sweep()
        life.end(number)
        life.end(number)
        life.prices_follow_the_clock()

    assert lines_of(REDUCTION) - seen() == set()
    life.every_promise_holds()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_reduction_that_ends_twice_is_noticed(monkeypatch):
    careless = {**REDUCTION.transitions, ("ENDED", "end"): "ENDED"}
    monkeypatch.setattr(reductions, "REDUCTION", Machine(REDUCTION.subject, careless))
    life = ReductionLife()
    life.open()
    life.set_up({0}, 0, 2)
    life.end(0)

    with noticed():
        life.end(0)
    life.teardown()
