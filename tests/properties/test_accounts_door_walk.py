"""What guards the console's door walks through its lives: second factors and counts of tries.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
is refused with nothing changed.
"""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core.accounts.domain import totp
from core.accounts.domain.guarding import COUNT, FACTOR, CountKind
from core.accounts.models import RecoveryCode, SecondFactor, SignInCount, User
from core.accounts.services import lockout, second_factor
from core.states import Machine
from tests.factories.accounts import a_user
from tests.support.walking import HOUR, Walk, a_step, by, noticed, steps_of, walk

MINUTE = HOUR / 60


# --- The life of a second factor ------------------------------------------------------------------


class FactorLife(Walk):
    """Somebody sets a second factor up, uses and loses it; a colleague takes it away."""

    @initialize()
    def begin(self):
        self.user = a_user()
        self.others = a_user()
        # Every factor there was, the last one at the end: its key, secret and life.
        self.keys, self.steps, self.state = [], [], None
        self.secret, self.last_step, self.turn = None, 0, 0
        self.confirmed_at, self.paper, self.spent = None, [], []

    def note(self, action, target):
        self.steps[-1].append(a_step(action, self.state, target, self.now))
        self.state = target

    @rule()
    def offer(self):
        was_changed = self.changed(
            lambda: second_factor.offer(self.user.pk, actor=by(self.user), now=self.now)
        )
        assert was_changed == (self.state != "ACTIVE")
        if self.state == "ACTIVE":
            return
        if self.state == "OFFERED":
            self.note("abandon", "REMOVED")
        row = SecondFactor.objects.exclude(state="REMOVED").get(user=self.user)
        self.keys.append(row.pk)
        self.steps.append([a_step("create", "", "OFFERED", self.now)])
        self.state, self.secret = "OFFERED", bytes.fromhex(row.secret)
        self.last_step, self.confirmed_at, self.paper, self.spent = 0, None, [], []

    def code(self, drift):
        """Return the step and the code that the phone shows so many steps from now."""
        step = totp.step_of(self.now) + drift
        return step, totp.code_at(self.secret or b"never offered", step)

    @rule(drift=st.integers(-3, 3))
    def confirm(self, drift):
        step, code = self.code(drift)
        done = self.tried(
            lambda: second_factor.confirm(self.user.pk, code, actor=by(self.user), now=self.now)
        )
        if self.state != "OFFERED" or abs(drift) > totp.DRIFT_STEPS:
            assert isinstance(done, second_factor.FactorCodeWrong)
            return
        assert len(done) == len(set(done)) == second_factor.RECOVERY_CODES
        self.note("confirm", "ACTIVE")
        self.confirmed_at, self.last_step, self.paper = self.now, step, done
        self.turn += 1

    @rule(drift=st.integers(-2, 2))
    def use(self, drift):
        step, code = self.code(drift)
        is_good = (
            self.state == "ACTIVE" and abs(drift) <= totp.DRIFT_STEPS and step > self.last_step
        )
        assert self.used(code) == is_good
        if is_good:
            self.last_step = step

    def used(self, code):
        said = []
        was_changed = self.changed(
            lambda: said.append(second_factor.use(self.user.pk, code, now=self.now))
        )
        assert said == [was_changed]
        return was_changed

    @rule(number=st.integers(0, 20), is_spent=st.booleans())
    def use_paper(self, number, is_spent):
        codes = self.spent if is_spent else self.paper
        if not codes:
            return
        code = codes[number % len(codes)]
        # Copied by hand, as people do.
        assert self.used(code.lower().replace("-", " ")) == (not is_spent)
        if not is_spent:
            self.paper.remove(code)
            self.spent.append(code)

    @rule()
    def renew(self):
        new = []
        was_changed = self.changed(
            lambda: new.extend(second_factor.renew_recovery_codes(self.user.pk))
        )
        assert was_changed == bool(new) == (self.state == "ACTIVE")
        if new:
            self.spent, self.paper = self.spent + self.paper, new

    @rule(is_own=st.booleans())
    def remove(self, is_own):
        actor = by(self.user if is_own else self.others)
        said = []
        was_changed = self.changed(
            lambda: said.append(second_factor.remove(self.user.pk, actor=actor, now=self.now))
        )
        assert said == [was_changed] == [self.state == "ACTIVE"]
        if was_changed:
            self.note("remove", "REMOVED")
            self.turn += 1
            self.spent, self.paper = self.spent + self.paper, []

    @rule(seconds=st.integers(1, 100))
    def wait_for_the_next_code(self, seconds):
        self.now += seconds * MINUTE / 60

    @rule()
    def set_it_up(self):
        """Do what it takes, so that walks go far."""
        self.offer()
        self.confirm(0)

    @invariant()
    def the_notebook_agrees(self):
        if not hasattr(self, "keys"):
            return
        for key, steps in zip(self.keys, self.steps, strict=True):
            assert steps_of(FACTOR, key) == steps
            row = SecondFactor.objects.get(pk=key)
            is_last = key == self.keys[-1]
            assert row.state == (self.state if is_last else "REMOVED")
            assert (row.secret is None) == (row.state == "REMOVED")
            if is_last:
                assert (row.confirmed_at, row.last_step) == (self.confirmed_at, self.last_step)
        user = User.objects.get(pk=self.user.pk)
        assert user.console_turn == self.user.console_turn + self.turn
        assert second_factor.is_active(user.pk) == (self.state == "ACTIVE")
        unused = RecoveryCode.objects.filter(factor__user=user, used_at=None)
        assert unused.count() == len(self.paper)


# --- The life of a count --------------------------------------------------------------------------


@dataclass
class Counted:
    """What is counted against one account or one address, and until when its door is shut."""

    most: int
    failures: int = 0
    since: datetime | None = None
    locked_until: datetime | None = None
    steps: list = field(default_factory=list)

    def open(self, action, now):
        self.steps.append(a_step(action, "LOCKED", "COUNTING", now))
        self.failures, self.locked_until = 0, None

    def is_shut(self, now):
        """Tell whether nobody may try; where that was long ago, it is over."""
        if self.locked_until is not None:
            return now < self.locked_until
        is_stale = self.since is not None and self.since + lockout.WINDOW <= now
        return self.failures >= self.most and not is_stale

    def count(self, now):
        if self.locked_until is not None:
            self.open("run_out", now)
        if self.since is None or self.since + lockout.WINDOW <= now:
            self.failures, self.since = 0, now
        elif self.failures == 0:
            self.since = now
        self.failures += 1

    def fail(self, now):
        if self.failures >= self.most and self.locked_until is None:
            self.steps.append(a_step("lock", "COUNTING", "LOCKED", now))
            self.locked_until = now + lockout.LOCKED_FOR


class DoorLife(Walk):
    """People try the console's door, rightly and wrongly, from two places; a lead unlocks it."""

    NAMES, PLACES = ("liang", "zhou"), ("192.0.2.7", "192.0.2.8")

    @initialize()
    def begin(self):
        self.lead = a_user()
        self.told, self.keys, self.tries = {}, {}, []

    def counted(self, kind, what):
        most = lockout.FAILURES_MAX[kind]
        return self.told.setdefault((kind, what), Counted(most))

    @rule(name=st.sampled_from(NAMES), place=st.sampled_from(PLACES))
    def knock(self, name, place):
        done = self.tried(
            lambda: lockout.begin(f" {name.title()} ", remote_address=place, now=self.now)
        )
        pair = ((CountKind.ACCOUNT, name), (CountKind.ADDRESS, place))
        counts = [self.counted(*one) for one in pair]
        if any(count.is_shut(self.now) for count in counts):
            assert isinstance(done, lockout.DoorLocked)
            return
        for one, count, key in zip(pair, counts, done.counts, strict=True):
            count.count(self.now)
            assert self.keys.setdefault(one, key) == key
        self.tries.append((done, counts))

    @rule(place=st.integers(0, 9))
    def fail(self, place):
        """Judge a try, maybe one of long ago, or a second time."""
        if not self.tries:
            return
        done, counts = self.tries[place % len(self.tries)]
        lockout.fail(done, now=self.now)
        for count in counts:
            count.fail(self.now)

    @rule(
        name=st.sampled_from(NAMES),
        place=st.sampled_from(PLACES),
        times=st.integers(1, 6),
    )
    def guess(self, name, place, times):
        for _ in range(times):
            before = len(self.tries)
            self.knock(name, place)
            if len(self.tries) > before:
                self.fail(before)

    @rule(name=st.sampled_from(NAMES), place=st.sampled_from(PLACES), by_lead=st.booleans())
    def shut_it_and_open_it(self, name, place, by_lead):
        self.guess(name, place, 6)
        if by_lead:
            for number in range(len(self.keys)):
                self.unlock(number)
        else:
            self.now += lockout.LOCKED_FOR
        self.knock(name, place)

    @rule(place=st.integers(0, 9))
    def succeed(self, place):
        if not self.tries:
            return
        done, (account, address) = self.tries[place % len(self.tries)]
        # Who was counted before the door was shut may still come in; it stays shut.
        lockout.succeed(done)
        account.failures = 0
        address.failures = max(0, address.failures - 1)

    @rule(number=st.integers(0, 3))
    def unlock(self, number):
        if not self.keys:
            return
        one = sorted(self.keys)[number % len(self.keys)]
        opened = []

        def call():
            opened.extend(
                lockout.unlock([self.keys[one]], actor=by(self.lead), now=self.now, reason="来电")
            )

        is_shut = self.told[one].locked_until is not None
        assert self.changed(call) == is_shut
        assert opened == ([self.keys[one]] if is_shut else [])
        if is_shut:
            self.told[one].open("unlock", self.now)

    @rule(minutes=st.integers(1, 16))
    def wait_a_little(self, minutes):
        self.now += minutes * MINUTE

    @invariant()
    def the_notebook_agrees(self):
        for one, key in getattr(self, "keys", {}).items():
            told, row = self.told[one], SignInCount.objects.get(pk=key)
            assert (row.kind, row.failures) == (one[0], told.failures)
            assert (row.counted_from, row.locked_until) == (told.since, told.locked_until)
            assert row.state == ("COUNTING" if told.locked_until is None else "LOCKED")
            # A count has no birth in the log.
            assert steps_of(COUNT, key) == told.steps


@pytest.mark.django_db
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("life", "examples"), [(FactorLife, 15), (DoorLife, 12)])
def test_what_the_table_allows_happens_and_nothing_else_changes_anything(life, examples):
    walk(life, examples=examples)


@pytest.mark.django_db
def test_canary_a_factor_that_is_in_force_and_yet_abandoned_is_noticed(monkeypatch):
    careless = {**FACTOR.transitions, ("ACTIVE", "abandon"): "REMOVED"}
    monkeypatch.setattr(second_factor, "FACTOR", Machine(FACTOR.subject, careless))
    life = FactorLife()
    life.begin()
    life.set_it_up()

    with noticed():
        life.offer()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_code_that_opens_twice_is_noticed(monkeypatch):
    monkeypatch.setattr(second_factor, "_use_up", lambda factor, step: True)
    life = FactorLife()
    life.begin()
    life.set_it_up()

    with noticed():
        life.use(0)
    life.teardown()


@pytest.mark.django_db
def test_canary_a_door_that_is_never_shut_is_noticed(monkeypatch):
    monkeypatch.setattr(lockout, "advance", lambda *rows, **said: [])
    life = DoorLife()
    life.begin()

    with noticed():
        life.guess("liang", "192.0.2.7", 6)
        life.the_notebook_agrees()
    life.teardown()
