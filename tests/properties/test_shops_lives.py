"""Shops, their papers and their goods walk through their lives while papers run out.

Whatever is tried next is tried in every state: what the table allows happens, and everything else
is refused with nothing changed.
"""

from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core import reconciling
from core.errors import IllegalTransition, InvalidInput
from core.outbox.models import Message
from core.periods import beginning_of, local_day
from core.states import Machine
from core.transactions import entry
from shops.catalogue.domain.goods import PRODUCT
from shops.catalogue.models import Product, ProductCard
from shops.catalogue.services import products, publication, unlicensed
from shops.storefronts.domain.licensing import LicenceKind, ShopKind
from shops.storefronts.domain.states import LICENCE, SHOP
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors.access import ShopNotOpen
from shops.storefronts.services import founding, papers, reviewing
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_category, a_product
from tests.factories.storefronts import a_shop, open_shop
from tests.factories.uploads import an_upload
from tests.support.outbox import deliver_all
from tests.support.walking import DAY, Walk, a_step, by, lines_of, noticed, steps_of, tour, walk

NEEDED = (LicenceKind.IDENTITY, LicenceKind.ORIGIN_DECLARATION)
LIVING, ACCEPTED = ("PENDING", "VALID", "EXPIRING"), ("VALID", "EXPIRING")
LOCKED = ("IN_REVIEW", "OPEN", "SUSPENDED")


def kept(prefix):
    names = [name for name in reconciling.names() if name.startswith(prefix)]
    return [result for result in reconciling.run(names) if not result.is_held]


@dataclass
class Paper:
    """A paper as one would keep it in a notebook: what it is, until when, and its life."""

    row: Licence
    kind: str
    until: date | None
    state: str = "PENDING"
    steps: list = field(default_factory=list)

    def move(self, action, now):
        source, self.state = self.state, LICENCE.next_of(self.state, action)
        self.steps.append(a_step(action, source, self.state, now))

    def is_in_force(self, now):
        return self.until is None or local_day(now) < self.until


class Papered(Walk):
    """A walk of somebody who hands papers in and somebody who looks at them."""

    def begin(self):
        self.owner, self.reviewer = a_user(), a_user()
        self.papers = []

    def hand_in(self, kind, days):
        until = None if days is None else local_day(self.now) + days * DAY
        upload = an_upload(self.owner, at=self.now).reference
        done = self.tried(
            lambda: papers.hand_in(
                self.shop,
                kind,
                number="A1",
                upload_reference=upload,
                valid_until=until,
                actor=by(self.owner),
                now=self.now,
            )
        )
        if isinstance(done, Licence):
            step = a_step("create", "", "PENDING", self.now)
            self.papers.append(Paper(done, str(kind), until, steps=[step]))
        return done

    def holds(self, kinds, states):
        held = {
            paper.kind
            for paper in self.papers
            if paper.state in states and paper.is_in_force(self.now)
        }
        return {str(kind) for kind in kinds} <= held

    def pick(self, number):
        return self.papers[number % len(self.papers)] if self.papers else None

    def look_at(self, does, number, who, **said):
        """Try to accept or to revoke a paper; return it where that was done."""
        if not (paper := self.pick(number)):
            return None
        call = getattr(papers, does)
        done = self.tried(lambda: call(paper.row, actor=by(who), now=self.now, **said))
        if who is self.owner:
            assert isinstance(done, reviewing.OwnShop)
            return None
        if LICENCE.next_of(paper.state, does) is None:
            assert isinstance(done, IllegalTransition)
            return None
        assert done is None
        paper.move(does, self.now)
        return paper

    def run_out(self):
        """Let papers run out; return how many did."""
        due = [one for one in self.papers if one.state in LIVING and not one.is_in_force(self.now)]
        assert papers.expire_due(now=self.now) == len(due)
        for paper in due:
            paper.move("expire", self.now)
        return len(due)

    @invariant()
    def the_papers_agree(self):
        for paper in getattr(self, "papers", ()):
            row = Licence.objects.get(pk=paper.row.pk)
            assert (row.state, row.valid_until) == (paper.state, paper.until)
            assert steps_of(LICENCE, row.pk) == paper.steps


# --- The lives of a shop and of its papers --------------------------------------------------------


class ShopLife(Papered):
    """A farmer's shop is prepared, reviewed, suspended, reopened; papers come and run out."""

    @initialize()
    def open(self):
        self.begin()
        self.shop = a_shop(self.owner)
        self.state, self.version = "DRAFT", 1
        self.submitted_at = self.opened_at = None
        self.steps = steps_of(SHOP, self.shop.pk)
        self.told = {"shop_opened": 0, "shop_closed": 0}

    def note(self, action):
        source, self.state = self.state, SHOP.next_of(self.state, action)
        self.steps.append(a_step(action, source, self.state, self.now))
        self.version += 1
        if action in ("approve", "reopen"):
            self.told["shop_opened"] += 1
        if action == "suspend":
            self.told["shop_closed"] += 1

    @rule(
        kind=st.sampled_from(NEEDED),
        days=st.none() | st.none() | st.integers(-1, 40),
    )
    def bring(self, kind, days):
        done = self.hand_in(kind, days)
        if days is not None and days <= 0:
            assert isinstance(done, InvalidInput)
        elif self.state == "IN_REVIEW":
            assert isinstance(done, founding.ShopLocked)
        else:
            assert isinstance(done, Licence)
            self.version += 1

    @rule()
    def bring_what_is_missing(self):
        if self.state == "IN_REVIEW":
            return
        for kind in NEEDED:
            if not self.holds([kind], LIVING):
                self.bring(kind, 35)

    @rule()
    def submit(self):
        done = self.tried(lambda: reviewing.submit(self.shop, actor=by(self.owner), now=self.now))
        if not self.holds(NEEDED, LIVING):
            assert isinstance(done, reviewing.ChecklistIncomplete)
        elif SHOP.next_of(self.state, "submit") is None:
            assert isinstance(done, IllegalTransition)
        else:
            assert done.state == "IN_REVIEW"
            self.note("submit")
            self.submitted_at = self.now

    @rule(decision=st.sampled_from(reviewing.Decision), is_owner=st.booleans())
    def decide(self, decision, is_owner):
        who = self.owner if is_owner else self.reviewer
        done = self.tried(
            lambda: reviewing.decide(self.shop, decision, actor=by(who), now=self.now, reason="试")
        )
        action = decision.value.lower()
        if is_owner:
            assert isinstance(done, reviewing.OwnShop)
            return
        if SHOP.next_of(self.state, action) is None:
            assert isinstance(done, IllegalTransition)
            return
        if action in ("approve", "reopen") and not self.holds(NEEDED, LIVING):
            assert isinstance(done, reviewing.ChecklistIncomplete)
            return
        self.note(action)
        if action == "approve":
            self.opened_at = self.now
        if action in ("approve", "reopen"):
            for paper in self.papers:
                if paper.state == "PENDING":
                    paper.move("accept", self.now)

    @rule()
    def decide_what_cannot_be(self):
        for decision in reviewing.Decision:
            if SHOP.next_of(self.state, decision.value.lower()) is None:
                self.decide(decision, False)
        if SHOP.next_of(self.state, "submit") is None:
            self.submit()
        for number, paper in enumerate(self.papers):
            for does, said in (("accept", {}), ("revoke", {"reason": "假"})):
                if LICENCE.next_of(paper.state, does) is None:
                    self.look_at(does, number, self.reviewer, **said)

    @rule(place=st.integers(0, 5))
    def go_on(self, place):
        """Take a step that is possible, so that walks go far."""
        possible = SHOP.actions_in(self.state)
        action = possible[place % len(possible)]
        if action == "submit":
            self.bring_what_is_missing()
            self.submit()
        else:
            self.decide(reviewing.Decision(action.upper()), False)

    @rule(number=st.integers(0, 9), place=st.integers(0, 5))
    def go_on_with_a_paper(self, number, place):
        """Take a step that is possible with what runs out."""
        self.bring(NEEDED[number % 2], 35)
        lasting = [one for one in self.papers if one.until and LICENCE.actions_in(one.state)]
        if not lasting:
            return
        paper = lasting[number % len(lasting)]
        possible = LICENCE.actions_in(paper.state)
        action = possible[place % len(possible)]
        if action in ("accept", "revoke"):
            getattr(self, action)(self.papers.index(paper), False)
            return
        left = 20 if action == "warn" else 0
        self.now = max(self.now, beginning_of(paper.until) - left * DAY)
        self.warn() if action == "warn" else self.sweep()

    @rule(number=st.integers(0, 9), is_owner=st.booleans())
    def accept(self, number, is_owner):
        self.look_at("accept", number, self.owner if is_owner else self.reviewer)

    @rule(number=st.integers(0, 9), is_owner=st.booleans())
    def revoke(self, number, is_owner):
        who = self.owner if is_owner else self.reviewer
        if self.look_at("revoke", number, who, reason="假"):
            self.close_without_papers()

    def close_without_papers(self):
        if self.state == "OPEN" and not self.holds(NEEDED, ACCEPTED):
            self.note("suspend")

    @rule(days=st.integers(1, 20))
    def wait_for_days(self, days):
        self.now += days * DAY

    @rule()
    def sweep(self):
        if self.run_out():
            self.close_without_papers()
        assert self.state != "OPEN" or self.holds(NEEDED, ACCEPTED)

    @rule()
    def warn(self):
        soon = local_day(self.now) + 30 * DAY
        due = [
            paper
            for paper in self.papers
            if paper.state == "VALID" and paper.until is not None and paper.until <= soon
        ]
        assert papers.warn_due(now=self.now) == len(due)
        for paper in due:
            paper.move("warn", self.now)

    @rule(name=st.sampled_from(["name", "intro"]), is_stale=st.booleans())
    def change(self, name, is_stale):
        row = Shop.objects.get(pk=self.shop.pk)
        row.version -= is_stale
        done = self.tried(lambda: founding.change(row, {name: "新的说法"}))
        if is_stale:
            assert isinstance(done, founding.ShopChanged)
        elif name == "name" and self.state in LOCKED:
            assert isinstance(done, founding.ShopLocked)
        else:
            assert isinstance(done, Shop)
            self.version += 1

    @invariant()
    def the_notebook_agrees(self):
        if not hasattr(self, "state"):
            return
        row = Shop.objects.get(pk=self.shop.pk)
        told = (self.state, self.version, self.submitted_at, self.opened_at)
        assert (row.state, row.version, row.submitted_at, row.opened_at) == told
        assert steps_of(SHOP, row.pk) == self.steps
        for topic, count in self.told.items():
            assert Message.objects.filter(topic=f"storefronts.{topic}").count() == count
        if self.state == "OPEN":
            assert kept("storefronts.") == []


# --- The life of a product ------------------------------------------------------------------------


class ProductLife(Papered):
    """A company sells rice in packets, for which it needs a filing that comes and runs out."""

    @initialize()
    def open(self):
        self.begin()
        self.shop = open_shop(self.owner, kind=ShopKind.COMPANY)
        self.product = a_product(
            self.shop,
            category=a_category("rice"),
            product_class="PREPACKAGED",
            published=False,
        )
        self.is_open, self.state = True, "DRAFT"
        self.version, self.published_at = 1, None
        self.steps = steps_of(PRODUCT, self.product.pk)

    def fresh(self):
        return Product.objects.select_related("shop", "category").get(pk=self.product.pk)

    def may_sell(self):
        return self.holds([LicenceKind.FOOD_FILING], ACCEPTED)

    def note(self, action):
        source, self.state = self.state, PRODUCT.next_of(self.state, action)
        self.steps.append(a_step(action, source, self.state, self.now))
        self.version += 1

    @rule()
    def publish(self):
        product = self.fresh()
        done = self.tried(lambda: publication.publish(product, actor=by(self.owner), now=self.now))
        if not self.is_open:
            assert isinstance(done, ShopNotOpen)
        elif not self.may_sell():
            assert isinstance(done, publication.LicenceMissing)
        elif PRODUCT.next_of(self.state, "publish") is None:
            assert isinstance(done, IllegalTransition)
        else:
            assert done.state == "PUBLISHED"
            self.note("publish")
            self.published_at = self.published_at or self.now

    @rule()
    def withdraw(self):
        product = self.fresh()
        done = self.tried(lambda: publication.withdraw(product, actor=by(self.owner), now=self.now))
        if PRODUCT.next_of(self.state, "withdraw") is None:
            assert isinstance(done, IllegalTransition)
        else:
            assert done.state == "WITHDRAWN"
            self.note("withdraw")

    @rule(is_stale=st.booleans())
    def edit(self, is_stale):
        product = self.fresh()
        product.version -= is_stale
        done = self.tried(
            lambda: products.edit(product, {"title": "新米"}, actor=by(self.owner), now=self.now)
        )
        if is_stale:
            assert isinstance(done, products.ProductChangedMeanwhile)
        elif self.state == "PUBLISHED" and not self.may_sell():
            assert isinstance(done, publication.LicenceMissing)
        else:
            assert isinstance(done, Product)
            self.version += 1

    @rule(decision=st.sampled_from(["SUSPEND", "REOPEN", "REOPEN"]))
    def decide_about_the_shop(self, decision):
        done = self.tried(
            lambda: reviewing.decide(self.shop, decision, actor=by(self.reviewer), now=self.now)
        )
        if self.is_open != (decision == "SUSPEND"):
            assert isinstance(done, IllegalTransition)
            return
        self.is_open = decision == "REOPEN"
        if self.is_open:
            for paper in self.papers:
                if paper.state == "PENDING":
                    paper.move("accept", self.now)

    @rule(days=st.none() | st.integers(1, 10))
    def file(self, days):
        assert isinstance(self.hand_in(LicenceKind.FOOD_FILING, days), Licence)

    @rule(number=st.integers(0, 9))
    def accept(self, number):
        self.look_at("accept", number, self.reviewer)

    @rule(number=st.integers(0, 9))
    def revoke(self, number):
        self.look_at("revoke", number, self.reviewer, reason="假")

    @rule(days=st.none() | st.integers(2, 10))
    def sell(self, days):
        """Do what it takes, so that walks go far."""
        if not self.is_open:
            self.decide_about_the_shop("REOPEN")
        if not self.may_sell():
            self.file(days)
            self.accept(len(self.papers) - 1)
        self.publish()

    @rule(days=st.integers(1, 4))
    def wait_for_days(self, days):
        self.now += days * DAY

    @rule()
    def sweep_papers(self):
        self.run_out()

    @rule()
    def sweep_goods(self):
        gone = entry(unlicensed.withdraw)(now=self.now)
        assert gone == (self.state == "PUBLISHED" and not self.may_sell())
        if gone:
            self.note("withdraw")

    @rule()
    def work(self):
        """Let the goods follow their shop, which gives each a new version."""
        follows = Message.objects.filter(
            topic__in=["storefronts.shop_opened", "storefronts.shop_closed"],
            deliveries__consumer="shops.catalogue.tasks.follow_shop",
            deliveries__state="PENDING",
        ).count()
        deliver_all(self.now)
        if self.state == "PUBLISHED":
            self.version += follows
        card = ProductCard.objects.filter(product_id=self.product.pk).first()
        is_sold = self.state == "PUBLISHED" and self.is_open
        assert (card is not None and card.is_listed) == is_sold

    @invariant()
    def the_notebook_agrees(self):
        if not hasattr(self, "state"):
            return
        row = Product.objects.get(pk=self.product.pk)
        told = (self.state, self.version, self.published_at)
        assert (row.state, row.version, row.published_at) == told
        assert steps_of(PRODUCT, row.pk) == self.steps
        assert kept("catalogue.") == []


@pytest.mark.django_db
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("life", "examples"), [(ShopLife, 10), (ProductLife, 10)])
def test_what_the_table_allows_happens_and_nothing_else_changes_anything(life, examples):
    walk(life, examples=examples)


def a_shop_begins():
    walked = ShopLife()
    walked.open()
    return walked, [
        lambda die: walked.decide_what_cannot_be(),
        lambda die: walked.go_on(die.randrange(6)),
        lambda die: walked.go_on_with_a_paper(die.randrange(10), die.randrange(6)),
        lambda die: walked.the_notebook_agrees(),
        lambda die: walked.the_papers_agree(),
    ]


@pytest.mark.django_db
def test_a_tour_sees_both_tables_whole_and_in_every_state_what_cannot_be():
    assert tour(lines_of(SHOP, LICENCE), a_shop_begins, rounds=10) == []


@pytest.mark.django_db
def test_canary_a_shop_that_is_opened_unreviewed_is_noticed(monkeypatch):
    careless = {**SHOP.transitions, ("DRAFT", "approve"): "OPEN"}
    monkeypatch.setattr(reviewing, "SHOP", Machine(SHOP.subject, careless))
    life = ShopLife()
    life.open()
    life.submit()
    life.bring_what_is_missing()
    Shop.objects.filter(pk=life.shop.pk).update(submitted_at=life.now)

    with noticed():
        life.decide(reviewing.Decision.APPROVE, False)
        life.the_notebook_agrees()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_shop_that_stays_open_without_papers_is_noticed(monkeypatch):
    monkeypatch.setattr(papers, "_close_without_papers", lambda shop_ids, now: None)
    life = ShopLife()
    life.open()
    life.go_on(0)
    life.decide(reviewing.Decision.APPROVE, False)
    life.wait_for_days(36)

    with noticed():
        life.sweep()
        life.the_notebook_agrees()
    life.teardown()


@pytest.mark.django_db
def test_canary_a_revoked_paper_that_is_accepted_is_noticed(monkeypatch):
    careless = {**LICENCE.transitions, ("REVOKED", "accept"): "VALID"}
    monkeypatch.setattr(papers, "LICENCE", Machine(LICENCE.subject, careless))
    life = ShopLife()
    life.open()
    life.bring(LicenceKind.IDENTITY, None)
    life.revoke(0, False)

    with noticed():
        life.accept(0, False)
    life.teardown()


@pytest.mark.django_db
def test_canary_a_product_that_is_published_twice_is_noticed(monkeypatch):
    careless = {**PRODUCT.transitions, ("PUBLISHED", "publish"): "PUBLISHED"}
    monkeypatch.setattr(publication, "PRODUCT", Machine(PRODUCT.subject, careless))
    life = ProductLife()
    life.open()
    life.sell(None)

    with noticed():
        life.publish()
    life.teardown()
