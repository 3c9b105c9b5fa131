"""Campaigns and enrolments walk through their lives in any order while time goes on.

Beside them stands the plainest account there can be: who offers what, and who said yes.
"""

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
)

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import DomainError, IllegalTransition
from marketplace.activities.selectors import offers
from marketplace.activities.services import activities
from marketplace.activities.services.activities import ActivityOverlap
from marketplace.campaigns.domain.states import CAMPAIGN, LIVE
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import campaigns, enrolments, timekeeping
from tests.factories.campaigns import a_campaign, an_offer
from tests.factories.catalogue import a_product
from tests.support.rows import everything
from tests.support.walking import HOUR, Walk, walk

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
        before = everything()
        try:
            with transaction.atomic():
                campaigns.move(told.row, action, actor=SYSTEM, now=self.now, reason="试")
        except DomainError:
            is_past = action in ("schedule", "resume") and told.row.ends_at <= self.now
            assert is_past or CAMPAIGN.next_of(stands, action) is None
            assert everything() == before
            return
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
        before = everything()
        try:
            with transaction.atomic():
                row = enrolments.enrol(
                    product.shop, told.row.slug, an_offer(product), actor=SYSTEM, now=self.now
                )
        except DomainError:
            assert is_in or not told.is_live(self.now)
            assert everything() == before
        else:
            assert told.is_live(self.now)
            assert not is_in
            told.offered.append(Offered(row, goods))

    @rule(place=st.integers(0, 9), does=st.sampled_from(["approve", "reject", "withdraw"]))
    def decide(self, place, does):
        offered = [(told, offer) for told in self.told for offer in told.offered]
        if not offered:
            return
        told, offer = offered[place % len(offered)]
        before = everything()
        may = offer.state == "SUBMITTED" or (does == "reject" and offer.state == "APPROVED")
        said = {"reason": "试"} if does == "reject" else {}
        try:
            with transaction.atomic():
                getattr(enrolments, does)(offer.row, actor=SYSTEM, now=self.now, **said)
        except ActivityOverlap:
            assert does == "approve"
            assert self.is_priced(told, offer)
            assert everything() == before
        except IllegalTransition:
            assert not may or (does == "approve" and not told.is_live(self.now))
            assert everything() == before
        else:
            assert may
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
