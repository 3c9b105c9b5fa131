"""Whatever is done to quotas in whatever order, the database agrees with a plain model."""

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import reconciling
from core.quotas import invariants
from core.quotas.models import Kind
from core.quotas.selectors import availability
from core.quotas.selectors.availability import Figures
from core.quotas.services import drawing, opening
from core.quotas.services.drawing import Demand

OWNERS = st.sampled_from(["order:a", "order:b", "order:c"])
AMOUNTS = st.integers(1, 12)


@dataclass
class Model:
    """A quota as one would write it with no crowd and no shards."""

    total: int
    taken: int = 0
    holds: dict[str, list[int]] = field(default_factory=dict)

    @property
    def figures(self):
        held = sum(held for held, _ in self.holds.values())
        spent = sum(spent for _, spent in self.holds.values()) + self.taken
        return Figures(self.total, held, spent)


def refused(error, call):
    """Tell whether a call was refused; a refusal unwinds what it did."""
    try:
        with transaction.atomic():
            call()
    except error:
        return True
    return False


class QuotaMachine(RuleBasedStateMachine):
    quotas = Bundle("quotas")

    def __init__(self):
        super().__init__()
        self.models = {}
        self.walk = transaction.atomic()
        self.walk.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.walk.__exit__(None, None, None)

    @rule(target=quotas, total=st.integers(0, 30), shards=st.sampled_from([1, 2, 5]))
    def open(self, total, shards):
        quota_id = opening.open_quota(Kind.STOCK, total=total, shards=shards)
        self.models[quota_id] = Model(total)
        return quota_id

    @rule(quota=quotas, other=quotas, owner=OWNERS, amount=AMOUNTS, more=AMOUNTS)
    def hold(self, quota, other, owner, amount, more):
        asked = {quota: amount}
        asked[other] = asked.get(other, 0) + more
        fits = all(
            owner in self.models[quota_id].holds or self.models[quota_id].figures.free >= want
            for quota_id, want in asked.items()
        )
        demands = [Demand(quota, amount), Demand(other, more)]

        assert refused(drawing.Exhausted, lambda: drawing.hold(demands, owner=owner)) != fits

        if fits:
            for quota_id, want in asked.items():
                self.models[quota_id].holds.setdefault(owner, [want, 0])

    @rule(owner=OWNERS)
    def release(self, owner):
        drawing.release(owner=owner)
        for model in self.models.values():
            if owner in model.holds:
                model.holds[owner][0] = 0

    @rule(owners=st.lists(OWNERS, unique=True))
    def release_many(self, owners):
        drawing.release_many(owners)
        for model in self.models.values():
            for owner in owners:
                if owner in model.holds:
                    model.holds[owner][0] = 0

    @rule(quota=quotas, owner=OWNERS, amount=AMOUNTS)
    def release_amount(self, quota, owner, amount):
        self.move(quota, owner, amount, drawing.release, 0, None)

    @rule(quota=quotas, owner=OWNERS, amount=AMOUNTS)
    def spend_amount(self, quota, owner, amount):
        if self.models[quota].holds.get(owner, (0, 0))[1]:
            drawing.spend(owner=owner, amounts={quota: amount})
        else:
            self.move(quota, owner, amount, drawing.spend, 0, 1)

    @rule(owner=OWNERS)
    def spend_everything(self, owner):
        drawing.spend(owner=owner)
        for model in self.models.values():
            if owner in model.holds:
                held, spent = model.holds[owner]
                model.holds[owner] = [0, spent + held]

    @rule(quota=quotas, owner=OWNERS, amount=AMOUNTS)
    def unspend(self, quota, owner, amount):
        self.move(quota, owner, amount, drawing.unspend, 1, 0)

    @rule(quota=quotas, owner=OWNERS, amount=AMOUNTS)
    def give_back(self, quota, owner, amount):
        self.move(quota, owner, amount, drawing.give_back, 1, None)

    def move(self, quota, owner, amount, verb, source, target):
        hold = self.models[quota].holds.get(owner, [0, 0])
        too_little = 0 < hold[source] < amount

        outcome = refused(drawing.HoldTooSmall, lambda: verb(owner=owner, amounts={quota: amount}))

        assert outcome == too_little
        if hold[source] >= amount:
            hold[source] -= amount
            if target is not None:
                hold[target] += amount

    @rule(quota=quotas, amount=AMOUNTS)
    def take(self, quota, amount):
        fits = self.models[quota].figures.free >= amount

        assert refused(drawing.Exhausted, lambda: drawing.take(quota, amount)) != fits

        if fits:
            self.models[quota].taken += amount

    @rule(quota=quotas, amount=AMOUNTS)
    def top_up(self, quota, amount):
        opening.top_up(quota, amount)
        self.models[quota].total += amount

    @rule(quota=quotas, amount=AMOUNTS)
    def shrink(self, quota, amount):
        fits = self.models[quota].figures.free >= amount

        assert refused(drawing.Exhausted, lambda: opening.shrink(quota, amount)) != fits

        if fits:
            self.models[quota].total -= amount

    @rule(quota=quotas, shards=st.integers(5, 8))
    def split(self, quota, shards):
        refused(ValueError, lambda: opening.split(quota, shards))

    @invariant()
    def the_database_agrees(self):
        assert availability.figures(list(self.models)) == {
            quota_id: model.figures for quota_id, model in self.models.items()
        }

    @invariant()
    def every_promise_holds(self):
        taken = {quota_id: model.taken for quota_id, model in self.models.items()}
        rows = ", ".join(f"({quota_id}, {amount})" for quota_id, amount in taken.items())
        invariants._explanations.clear()
        if rows:
            invariants.explains(Kind.STOCK, f"SELECT * FROM (VALUES {rows}) AS told")
        broken = [
            result
            for result in reconciling.run(
                name for name in reconciling.names() if name.startswith("quotas.")
            )
            if not result.is_held
        ]
        assert broken == []


@pytest.mark.django_db
def test_quotas_agree_with_a_plain_model_whatever_is_done(monkeypatch):
    monkeypatch.setattr(invariants, "_explanations", {})

    run_state_machine_as_test(
        QuotaMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
