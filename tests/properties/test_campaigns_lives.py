"""Campaigns and enrolments walk through their lives in any order while time goes on.

Beside them stands the plainest account there can be: who offers what, and who said yes.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
)

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import DomainError, IllegalTransition
from core.states import Machine
from marketplace.activities.selectors import offers
from marketplace.activities.services import activities
from marketplace.activities.services.activities import ActivityOverlap
from marketplace.campaigns.domain.states import CAMPAIGN, ENROLMENT, LIVE
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import campaigns, enrolments, timekeeping
from tests.factories.campaigns import a_campaign, an_offer
from tests.factories.catalogue import a_product
from tests.support.walking import HOUR, Walk, noticed, seen, walk, way_to

PROMISES = [
    name
    for name in reconciling.names()
    if name.startswith(("campaigns.", "activities.", "quotas.", "catalogue.adjustments"))
]
HELD = ("SCHEDULED", "PREHEAT", "RUNNING")
# What becomes of offers when their campaign stops.
_FOLLOWS = {
    "pause": {"APPROVED": "SUBMITTED"},
    "cancel": {"APPROVED": "REJECTED", "SUBMITTED": "REJECTED"},
    "end": {"SUBMITTED": "REJECTED"},
}


@dataclass
class Offered:
    """What a shop offers to a campaign: which of the goods, and whether somebody said yes."""

    row: Enrolment
    goods: int
    state: str = "SUBMITTED"


@dataclass
class Told:
    """A campaign: its windows, where somebody put it, and what shops offer to it."""

    row: Campaign
    state: str = "DRAFT"
    offered: list[Offered] = field(default_factory=list)

    def is_live(self, now):
        return self.state in HELD and now < self.row.ends_at

    def sells_at(self, now):
        return self.state in HELD and self.row.starts_at <= now < self.row.ends_at

    def meets(self, other):
        return self.row.starts_at < other.row.ends_at and other.row.starts_at < self.row.ends_at


class CampaignLife(Walk):
    """Staff plan campaigns, shops enrol and withdraw, staff decide; the clock does the rest."""

    @initialize()
    def open(self):
        self.products = [a_product(stock=1_000), a_product(stock=1_000)]
        self.told = []

    @rule(after=st.integers(1, 3), hours=st.integers(1, 5))
    def plan(self, after, hours):
        if len(self.told) == 4:
            return
        starts_at = self.now + after * HOUR
        made = a_campaign(
            now=self.now,
            scheduled=False,
            preheats_at=starts_at - HOUR / 2,
            starts_at=starts_at,
            ends_at=starts_at + hours * HOUR,
            enrol_from=self.now - HOUR,
            enrol_until=starts_at + hours * HOUR,
        )
        self.told.append(Told(made))

    @rule(number=st.integers(0, 3), action=st.sampled_from(campaigns.ACTIONS))
    def move(self, number, action):
        if not self.told:
            return
        told = self.told[number % len(self.told)]
        stands = Campaign.objects.get(pk=told.row.pk).state
        done = self.tried(
            lambda: campaigns.move(told.row, action, actor=SYSTEM, now=self.now, reason="试")
        )
        is_past = action in ("schedule", "resume") and told.row.ends_at <= self.now
        if is_past or CAMPAIGN.next_of(stands, action) is None:
            assert isinstance(done, DomainError)
            return
        assert isinstance(done, Campaign)
        told.state = CAMPAIGN.next_of(stands, action)
        goes = _FOLLOWS.get(action, {})
        for offer in told.offered:
            offer.state = goes.get(offer.state, offer.state)

    @rule(number=st.integers(0, 3), goods=st.integers(0, 1))
    def enrol(self, number, goods):
        if not self.told:
            return
        told, product = self.told[number % len(self.told)], self.products[goods]
        is_in = any(
            offer.goods == goods and offer.state in ("SUBMITTED", "APPROVED")
            for offer in told.offered
        )
        done = self.tried(
            lambda: enrolments.enrol(
                product.shop, told.row.slug, an_offer(product), actor=SYSTEM, now=self.now
            )
        )
        if is_in or not told.is_live(self.now):
            assert isinstance(done, DomainError)
        else:
            told.offered.append(Offered(done, goods))

    @rule(place=st.integers(0, 9), does=st.sampled_from(["approve", "reject", "withdraw"]))
    def decide(self, place, does):
        offered = [(told, offer) for told in self.told for offer in told.offered]
        if not offered:
            return
        told, offer = offered[place % len(offered)]
        may = offer.state == "SUBMITTED" or (does == "reject" and offer.state == "APPROVED")
        said = {"reason": "试"} if does == "reject" else {}
        done = self.tried(
            lambda: getattr(enrolments, does)(offer.row, actor=SYSTEM, now=self.now, **said)
        )
        if not may or (does == "approve" and not told.is_live(self.now)):
            assert isinstance(done, IllegalTransition)
        elif isinstance(done, ActivityOverlap):
            assert does == "approve"
            assert self.is_priced(told, offer)
        else:
            assert done is None
            offer.state = {"approve": "APPROVED", "reject": "REJECTED"}.get(does, "WITHDRAWN")

    @rule(
        number=st.integers(0, 3),
        goods=st.integers(0, 1),
        does=st.sampled_from(["approve", "approve", "reject", "withdraw"]),
    )
    def go_on(self, number, goods, does):
        """Do what it takes until an offer can be decided about, so that walks go far."""
        self.plan(1, 5)
        self.move(number, "schedule")
        self.enrol(number, goods)
        self.decide(number, does)

    @rule(hours=st.integers(1, 3))
    def wait(self, hours):
        self.now += hours * HOUR

    @rule()
    def sweep(self):
        timekeeping.keep_time(now=self.now)
        activities.keep_time(now=self.now)
        for told in self.told:
            if told.state in (*HELD, "PAUSED") and told.row.ends_at <= self.now:
                told.state = "ENDED"
                for offer in told.offered:
                    if offer.state == "SUBMITTED":
                        offer.state = "REJECTED"
            if told.is_live(self.now):
                stands = Campaign.objects.get(pk=told.row.pk).state
                assert stands == ("RUNNING" if told.row.starts_at <= self.now else stands)

    @invariant()
    def every_promise_holds(self):
        assert [result for result in reconciling.run(PROMISES) if not result.is_held] == []

    @invariant()
    def everybody_stands_where_they_were_put(self):
        for told in getattr(self, "told", ()):
            stands = Campaign.objects.get(pk=told.row.pk).state
            assert stands == told.state or (stands in LIVE and told.state in HELD)
            for offer in told.offered:
                assert Enrolment.objects.get(pk=offer.row.pk).state == offer.state

    @invariant()
    def what_was_approved_is_sold_by_the_clock(self):
        for goods, product in enumerate(getattr(self, "products", ())):
            sku = product.skus.get()
            wanted = {
                str(told.row.reference)
                for told in self.told
                for offer in told.offered
                if offer.goods == goods and offer.state == "APPROVED" and told.sells_at(self.now)
            }
            found = offers.offers([sku.pk], now=self.now)
            assert {offer.campaign_reference for offer in found.values()} == wanted
            assert len(wanted) <= 1

    def is_priced(self, told, offer):
        return any(
            other.goods == offer.goods and other.state == "APPROVED" and told.meets(another)
            for another in self.told
            for other in another.offered
            if another is not told
        )


@pytest.mark.django_db
def test_whatever_happens_only_what_was_approved_is_sold_and_only_in_its_time():
    walk(CampaignLife, examples=10, steps=20)


def in_state(state):
    """Return a campaign that was brought to a state, by hand or by the clock."""
    life = CampaignLife()
    life.open()
    life.plan(2, 3)
    for action in way_to(CAMPAIGN, "DRAFT", state):
        act(life, action)
    return life


def act(life, action):
    by_the_clock = {"preheat": life.told[0].row.preheats_at, "start": life.told[0].row.starts_at}
    if action in by_the_clock:
        life.now = by_the_clock[action]
        life.sweep()
    else:
        life.move(0, action)


def assert_all_is_well(life):
    life.everybody_stands_where_they_were_put()
    life.what_was_approved_is_sold_by_the_clock()
    life.every_promise_holds()
    life.teardown()


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "action"), CAMPAIGN.transitions)
def test_each_line_of_the_table_and_in_each_state_what_cannot_be(state, action):
    life = in_state(state)
    for other in campaigns.ACTIONS:
        if CAMPAIGN.next_of(state, other) is None:
            life.move(0, other)

    act(life, action)

    assert ("campaign", state, action) in seen()
    assert_all_is_well(life)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("steps", "line"),
    [
        (["approve"], ("SUBMITTED", "approve")),
        (["reject"], ("SUBMITTED", "reject")),
        (["withdraw"], ("SUBMITTED", "withdraw")),
        (["approve", "reject"], ("APPROVED", "revoke")),
        (["approve", "pause"], ("APPROVED", "suspend")),
    ],
)
def test_each_line_of_the_table_of_offers_and_what_cannot_be(steps, line):
    life = in_state("RUNNING")
    life.enrol(0, 0)
    life.enrol(0, 0)
    for step in steps:
        life.move(0, step) if step == "pause" else life.decide(0, step)
    if life.told[0].offered[0].state in ("REJECTED", "WITHDRAWN"):
        for does in ("approve", "reject", "withdraw"):
            life.decide(0, does)
    elif life.told[0].offered[0].state == "APPROVED":
        life.decide(0, "approve")
        life.decide(0, "withdraw")

    assert ("enrolment", *line) in seen()
    assert_all_is_well(life)


@pytest.mark.django_db
def test_canary_an_offer_that_is_taken_back_although_it_was_rejected_is_noticed(monkeypatch):
    careless = {**ENROLMENT.transitions, ("REJECTED", "withdraw"): "WITHDRAWN"}
    monkeypatch.setattr(enrolments, "ENROLMENT", Machine(ENROLMENT.subject, careless))
    life = CampaignLife()
    life.open()
    life.go_on(0, 0, "reject")

    with noticed():
        life.decide(0, "withdraw")
    life.teardown()
