"""Sections, their items and the brands of counties walk through their lives while time goes on.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
is refused with nothing changed. What people see goes by the notebook at every instant.
"""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import Busy, IllegalTransition, InvalidInput, NotFound
from core.outbox.models import Message
from core.states import Machine
from marketplace.sections.domain.branding import BRAND, BrandKind
from marketplace.sections.domain.reviewing import ITEM, ItemDecision, Side, action_of
from marketplace.sections.domain.states import ACTION_TO, SECTION, SectionState
from marketplace.sections.models import (
    BrandAuthorisation,
    BrandMark,
    RegionalBrand,
    Section,
    SectionItem,
    SectionMember,
)
from marketplace.sections.selectors import brands as brands_seen
from marketplace.sections.selectors import halls
from marketplace.sections.services import brands, items, marks, scheduling, sections
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_category, a_product
from tests.factories.sections import a_co_branded_section
from tests.support.walking import HOUR, Walk, a_step, by, lines_of, noticed, steps_of, tour, walk

PROMISES = [name for name in reconciling.names() if name.startswith("sections.")]


def broken():
    return [result for result in reconciling.run(PROMISES) if not result.is_held]


# --- The life of a section ------------------------------------------------------------------------


class SectionLife(Walk):
    """Staff open, schedule and close a section and move its window; the sweep comes late."""

    @initialize()
    def prepare(self):
        self.section = self.tried(
            lambda: sections.create(slug="walked", name="专区", actor=SYSTEM, now=self.now)
        )
        self.state, self.version = "DRAFT", 1
        self.opens_at = self.closes_at = self.opened_at = None
        self.steps = [a_step("create", "", "DRAFT", self.now)]

    def edit(self, **wanted):
        row = Section.objects.get(pk=self.section.pk)
        return self.tried(lambda: sections.edit(row, actor=SYSTEM, now=self.now, **wanted))

    def note(self, action):
        source, self.state = self.state, SECTION.next_of(self.state, action)
        self.steps.append(a_step(action, source, self.state, self.now))
        if self.state == "OPEN":
            self.opened_at = self.now

    @rule(state=st.sampled_from(SectionState.values))
    def want(self, state):
        done = self.edit(state=state)
        is_later = self.opens_at is not None and self.now < self.opens_at
        target = "SCHEDULED" if state == "OPEN" and is_later else state
        if target == "SCHEDULED" and self.opens_at is None:
            assert isinstance(done, InvalidInput)
            return
        action = ACTION_TO.get(SectionState(target), "prepare")
        if target != self.state and SECTION.next_of(self.state, action) is None:
            assert isinstance(done, IllegalTransition)
            return
        assert done.state == target
        self.version += 1
        if target != self.state:
            self.note(action)

    @rule(place=st.integers(0, 11))
    def go_on(self, place):
        """Take a step that is possible, so that walks go far."""
        possible = SECTION.actions_in(self.state)
        action, by_hand = possible[place % len(possible)], place >= 6
        if action == "schedule":
            self.move_the_window(opens=2, lasts=2, ends=True)
            self.want("SCHEDULED")
        elif action == "open":
            self.move_the_window(opens=-1, lasts=3, ends=True)
            self.want("OPEN") if by_hand or self.state != "SCHEDULED" else self.sweep()
        elif by_hand or self.closes_at is None:
            self.want("CLOSED")
        else:
            self.now = max(self.now, self.closes_at)
            self.sweep()

    @rule()
    def want_what_cannot_be(self):
        for state in SectionState:
            action = ACTION_TO.get(state, "prepare")
            if state != self.state and SECTION.next_of(self.state, action) is None:
                self.want(state)

    @rule(opens=st.integers(-3, 12), lasts=st.integers(-1, 12), ends=st.booleans())
    def move_the_window(self, opens, lasts, ends):
        opens_at = self.now + opens * HOUR
        closes_at = opens_at + lasts * HOUR if ends else None
        done = self.edit(opens_at=opens_at, closes_at=closes_at)
        if ends and lasts <= 0:
            assert isinstance(done, InvalidInput)
        else:
            self.opens_at, self.closes_at = opens_at, closes_at
            self.version += 1

    @rule()
    def forget_the_window(self):
        done = self.edit(opens_at=None, closes_at=None)
        if self.state == "SCHEDULED":
            # It would not know any more when to open.
            assert isinstance(done, InvalidInput)
            return
        self.opens_at = self.closes_at = None
        self.version += 1

    @rule(state=st.sampled_from(["OPEN", "CLOSED"]))
    def forget_what_it_waited_for(self, state):
        """Whoever opens or closes it at once may forget its instant in the same breath."""
        if self.state != "SCHEDULED":
            return
        self.edit(opens_at=None, state=state)
        self.opens_at = None
        self.version += 1
        self.note(ACTION_TO[SectionState(state)])

    @rule(state=st.sampled_from([None, *SectionState.values]))
    def change_what_somebody_else_changed(self, state):
        row = Section.objects.get(pk=self.section.pk)
        row.version -= 1
        done = self.tried(
            lambda: sections.edit(row, actor=SYSTEM, now=self.now, state=state, name="别的")
        )
        assert isinstance(done, Busy)

    @rule(hours=st.integers(1, 6))
    def wait_a_little(self, hours):
        self.now += hours * HOUR

    @rule()
    def sweep(self):
        is_over = self.closes_at is not None and self.closes_at <= self.now
        if self.state in ("SCHEDULED", "OPEN") and is_over:
            action = "close"
        elif self.state == "SCHEDULED" and self.opens_at <= self.now:
            action = "open"
        else:
            assert not self.changed(lambda: scheduling.turn_due(self.now))
            return
        assert scheduling.turn_due(self.now) == 1
        self.version += 1
        self.note(action)

    @invariant()
    def the_notebook_agrees(self):
        if not hasattr(self, "state"):
            return
        row = Section.objects.get(pk=self.section.pk)
        told = (self.state, self.version, self.opens_at, self.closes_at, self.opened_at)
        assert (row.state, row.version, row.opens_at, row.closes_at, row.opened_at) == told
        assert steps_of(SECTION, row.pk) == self.steps
        assert Message.objects.filter(topic="sections.section_changed").count() == self.version

    @invariant()
    def people_see_it_by_the_clock(self):
        if not hasattr(self, "state"):
            return
        is_seen = (
            self.state in ("SCHEDULED", "OPEN")
            and (self.opens_at is None or self.opens_at <= self.now)
            and (self.closes_at is None or self.now < self.closes_at)
        )
        assert halls.open_sections(self.now).filter(pk=self.section.pk).exists() == is_seen
        found = self.tried(lambda: halls.hall("walked", now=self.now))
        assert isinstance(found, NotFound) != is_seen


# --- The life of an item --------------------------------------------------------------------------


class ItemLife(Walk):
    """Partner and platform decide about a product, in either order; who they are may be one."""

    @initialize()
    def open(self):
        self.section = a_co_branded_section(regions=["420000"])
        self.plain = self.tried(
            lambda: sections.create(slug="plain", name="专区", actor=SYSTEM, now=self.now)
        )
        self.product = a_product()
        self.people = [a_user() for _ in range(3)]
        self.item, self.state, self.steps = None, None, []
        self.proposed, self.said = (None, None), {}

    @rule(who=st.integers(0, 2))
    def propose(self, who):
        actor = by(self.people[who])
        done = self.tried(
            lambda: items.propose(self.section, self.product, actor=actor, now=self.now)
        )
        if self.state not in (None, "REJECTED"):
            assert isinstance(done, items.AlreadyProposed)
            return
        action = "create" if self.state is None else "propose"
        self.steps.append(a_step(action, self.state or "", "PROPOSED", self.now))
        self.item, self.state, self.proposed = done, "PROPOSED", (actor.user_id, self.now)

    @rule()
    def propose_where_no_partner_is(self):
        done = self.tried(
            lambda: items.propose(self.plain, self.product, actor=SYSTEM, now=self.now)
        )
        assert isinstance(done, items.NotCoBranded)

    @rule(
        side=st.sampled_from(Side),
        decision=st.sampled_from([ItemDecision.APPROVE] * 3 + [ItemDecision.REJECT]),
        who=st.integers(0, 2),
    )
    def decide(self, side, decision, who):
        if self.item is None:
            return
        actor = by(self.people[who])
        action = action_of(side, decision)
        done = self.tried(
            lambda: items.decide(self.item, side, decision, actor=actor, now=self.now, reason="试")
        )
        target = ITEM.next_of(self.state, action)
        if target is None:
            assert isinstance(done, IllegalTransition)
            return
        is_yes = decision == ItemDecision.APPROVE
        if is_yes and actor.user_id in {person for person, _ in self.said.values()}:
            assert isinstance(done, items.OneForBothSides)
            return
        assert done.state == target
        self.steps.append(a_step(action, self.state, target, self.now))
        self.state = str(target)
        self.said = self.said | {side: (actor.user_id, self.now)} if is_yes else {}

    @rule(place=st.integers(0, 11))
    def go_on(self, place):
        """Take a step that is possible, so that walks go far."""
        possible = ITEM.actions_in(self.state) if self.state else ["propose"]
        action = possible[place % len(possible)]
        if action == "propose":
            self.propose(2)
        else:
            side, decision = action.split("_")
            who = 0 if side == Side.PARTNER else 1
            self.decide(Side(side), ItemDecision(decision.upper()), who)

    @rule()
    def decide_what_cannot_be(self):
        for side in Side:
            for decision in ItemDecision:
                if self.state and ITEM.next_of(self.state, action_of(side, decision)) is None:
                    self.decide(side, decision, 0)

    @invariant()
    def the_notebook_agrees(self):
        if getattr(self, "item", None) is None:
            return
        row = SectionItem.objects.get(pk=self.item.pk)
        nobody = (None, None)
        assert row.state == self.state
        assert (row.proposed_by_id, row.proposed_at) == self.proposed
        assert (row.partner_by_id, row.partner_at) == self.said.get(Side.PARTNER, nobody)
        assert (row.platform_by_id, row.platform_at) == self.said.get(Side.PLATFORM, nobody)
        assert steps_of(ITEM, row.pk) == self.steps

    @invariant()
    def it_is_shown_while_both_want_it(self):
        if not hasattr(self, "said"):
            return
        shown = SectionMember.objects.filter(section=self.section, product_id=self.product.pk)
        assert shown.exists() == (len(self.said) == 2) == (self.state == "APPROVED")
        assert broken() == []


# --- The life of a brand --------------------------------------------------------------------------


@dataclass
class Founded:
    """A brand as one would keep it in a notebook: when it ended, and whose shop may use it."""

    row: RegionalBrand
    retired_at: datetime | None = None
    shops: set = field(default_factory=set)
    steps: list = field(default_factory=list)

    @property
    def is_flagship(self):
        return self.row.kind == BrandKind.FLAGSHIP and self.retired_at is None


class BrandLife(Walk):
    """Brands are founded and retired, shops authorised and not any more, goods marked."""

    COUNTIES = ("420527", "420921")

    @initialize()
    def open(self):
        self.category = a_category()
        self.products = [a_product(), a_product()]
        self.founded = []
        # Which brand each product bears.
        self.borne = {}

    def pick(self, number):
        return self.founded[number % len(self.founded)] if self.founded else None

    @rule(county=st.sampled_from(COUNTIES), kind=st.sampled_from(BrandKind))
    def found(self, county, kind):
        if len(self.founded) == 6:
            return
        done = self.tried(
            lambda: brands.found(
                county=county,
                category=self.category,
                kind=kind,
                name="品牌",
                actor=SYSTEM,
                now=self.now,
            )
        )
        has_one = any(told.is_flagship and told.row.county == county for told in self.founded)
        if kind == BrandKind.FLAGSHIP and has_one:
            assert isinstance(done, brands.FlagshipExists)
        else:
            step = a_step("create", "", "ACTIVE", self.now)
            self.founded.append(Founded(done, steps=[step]))

    @rule(number=st.integers(0, 5))
    def retire(self, number):
        if not (told := self.pick(number)):
            return
        done = self.tried(lambda: brands.retire(told.row, actor=SYSTEM, now=self.now))
        if told.retired_at is not None:
            assert isinstance(done, IllegalTransition)
            return
        told.steps.append(a_step("retire", "ACTIVE", "RETIRED", self.now))
        told.retired_at, told.shops = self.now, set()
        self.forget_marks(told)

    def forget_marks(self, told, product=None):
        gone = [
            key
            for key, brand in self.borne.items()
            if brand is told and (product is None or key == product.pk)
        ]
        for key in gone:
            del self.borne[key]

    @rule(number=st.integers(0, 5), which=st.integers(0, 1))
    def authorise(self, number, which):
        if not (told := self.pick(number)):
            return
        shop = self.products[which].shop
        done = self.tried(
            lambda: brands.authorise(told.row, shop.reference, actor=SYSTEM, now=self.now)
        )
        if told.retired_at is not None:
            assert isinstance(done, NotFound)
        elif shop.pk in told.shops:
            assert isinstance(done, brands.AlreadyAuthorised)
        else:
            assert isinstance(done, BrandAuthorisation)
            told.shops.add(shop.pk)

    @rule(number=st.integers(0, 5), which=st.integers(0, 1))
    def end_the_authorisation(self, number, which):
        if not (told := self.pick(number)):
            return
        product = self.products[which]
        done = self.tried(
            lambda: brands.end_authorisation(
                told.row, product.shop.reference, actor=SYSTEM, now=self.now
            )
        )
        assert isinstance(done, NotFound) == (product.shop_id not in told.shops)
        told.shops.discard(product.shop_id)
        self.forget_marks(told, product)

    @rule(number=st.integers(0, 5), which=st.integers(0, 1))
    def mark(self, number, which):
        if not (told := self.pick(number)):
            return
        product = self.products[which]
        done = self.tried(lambda: marks.put_on(product, told.row, actor=SYSTEM, now=self.now))
        if product.shop_id not in told.shops:
            assert isinstance(done, marks.MarkNotAuthorised)
        elif product.origin_county != told.row.county:
            assert isinstance(done, marks.MarkDoesNotFit)
        else:
            assert isinstance(done, BrandMark)
            self.borne[product.pk] = told

    @rule(which=st.integers(0, 1))
    def take_the_mark_off(self, which):
        product = self.products[which]
        done = self.tried(lambda: marks.take_off(product))
        assert isinstance(done, NotFound) == (product.pk not in self.borne)
        self.borne.pop(product.pk, None)

    @invariant()
    def the_notebook_agrees(self):
        for told in getattr(self, "founded", ()):
            row = RegionalBrand.objects.get(pk=told.row.pk)
            state = "ACTIVE" if told.retired_at is None else "RETIRED"
            assert (row.state, row.retired_at) == (state, told.retired_at)
            held = BrandAuthorisation.objects.filter(brand=row, ended_at=None)
            assert set(held.values_list("shop_id", flat=True)) == told.shops
            assert steps_of(BRAND, row.pk) == told.steps

    @invariant()
    def a_county_has_one_flagship_and_goods_bear_what_they_may(self):
        if not hasattr(self, "founded"):
            return
        for county in self.COUNTIES:
            flagships = [
                told.row for told in self.founded if told.is_flagship and told.row.county == county
            ]
            assert len(flagships) <= 1
            assert brands_seen.flagship_of(county) == (flagships[0] if flagships else None)
        rows = BrandMark.objects.values_list("product_id", "authorisation__brand_id")
        assert dict(rows) == {key: told.row.pk for key, told in self.borne.items()}
        assert broken() == []


@pytest.mark.django_db
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("life", "examples"), [(SectionLife, 15), (ItemLife, 15), (BrandLife, 12)])
def test_what_the_table_allows_happens_and_nothing_else_changes_anything(life, examples):
    walk(life, examples=examples)


def a_section_begins():
    walked = SectionLife()
    walked.prepare()
    return walked, [
        lambda die: walked.want_what_cannot_be(),
        lambda die: walked.go_on(die.randrange(12)),
        lambda die: walked.the_notebook_agrees(),
        lambda die: walked.people_see_it_by_the_clock(),
        lambda die: walked.wait(die.randrange(1, 9)),
    ]


def an_item_begins():
    walked = ItemLife()
    walked.open()
    return walked, [
        lambda die: walked.go_on(die.randrange(12)),
        lambda die: walked.decide_what_cannot_be(),
        lambda die: walked.the_notebook_agrees(),
        lambda die: walked.it_is_shown_while_both_want_it(),
        lambda die: walked.wait(die.randrange(1, 9)),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("machine", "begin"), [(SECTION, a_section_begins), (ITEM, an_item_begins)]
)
def test_a_tour_sees_the_whole_table_and_in_every_state_what_cannot_be(machine, begin):
    assert tour(lines_of(machine), begin) == []


@pytest.mark.django_db
def test_canary_an_open_section_that_waits_to_open_again_is_noticed(monkeypatch):
    careless = {**SECTION.transitions, ("OPEN", "schedule"): "SCHEDULED"}
    monkeypatch.setattr(sections, "SECTION", Machine(SECTION.subject, careless))
    life = SectionLife()
    life.prepare()
    life.want("OPEN")
    life.move_the_window(opens=3, lasts=1, ends=True)

    with noticed():
        life.want("OPEN")
    life.teardown()


@pytest.mark.django_db
def test_canary_an_item_that_one_side_approves_twice_is_noticed(monkeypatch):
    careless = {**ITEM.transitions, ("PARTNER_APPROVED", "partner_approve"): "PARTNER_APPROVED"}
    monkeypatch.setattr(items, "ITEM", Machine(ITEM.subject, careless))
    life = ItemLife()
    life.open()
    life.propose(0)
    life.decide(Side.PARTNER, ItemDecision.APPROVE, 1)

    with noticed():
        life.decide(Side.PARTNER, ItemDecision.APPROVE, 1)
    life.teardown()


@pytest.mark.django_db
def test_canary_a_brand_that_is_retired_twice_is_noticed(monkeypatch):
    careless = {**BRAND.transitions, ("RETIRED", "retire"): "RETIRED"}
    monkeypatch.setattr(brands, "BRAND", Machine(BRAND.subject, careless))
    life = BrandLife()
    life.open()
    life.found("420527", BrandKind.FLAGSHIP)
    life.retire(0)

    with noticed():
        life.retire(0)
    life.teardown()
