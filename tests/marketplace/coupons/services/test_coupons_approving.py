"""Putting a batch to work: its outlook may stop it, and much money needs two people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.audit.actors import SYSTEM, Actor
from core.audit.models import StateLog
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.selectors import outlooks
from marketplace.coupons.services import approving, deciding, editing
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, decided
from tests.factories.sections import a_section
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
LIMIT_FEN = 100_000
DIRECT = {"kind": "DIRECT", "threshold_fen": None}


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = LIMIT_FEN


@pytest.fixture
def author():
    return Actor(a_user().pk)


@pytest.fixture
def other():
    return Actor(a_user().pk)


def submitted(*, actor=SYSTEM, **changes):
    return decided(a_batch(active=False, actor=actor, **changes), "submit")


def approve(batch, actor, now):
    with transaction.atomic():
        return deciding.decide(batch.reference, "approve", actor=actor, now=now)


def edit(batch, changes, actor, now):
    with transaction.atomic():
        return editing.edit(batch.reference, changes, actor=actor, now=now)


def refused(refusal, batch, actor, now):
    with pytest.raises(refusal) as said:
        approve(batch, actor, now)
    assert CouponBatch.objects.get(pk=batch.pk).state == "REVIEW"
    return said.value.facts


def test_a_batch_whose_scope_holds_nothing_on_sale_is_not_approved(author, now):
    section = a_section(regions=["420527"])
    batch = submitted(scope=WantedScope(sections=(section.slug,)))
    refused(approving.BatchScopeEmpty, batch, author, now)

    a_product(price_fen=20_000)
    deliver_all(now)

    assert approve(batch, author, now).state == "ACTIVE"


def test_a_batch_that_can_only_be_used_while_its_section_is_closed_is_not_approved(author, now):
    section = a_section(regions=["420527"], opens_at=now + timedelta(days=9))
    a_product(price_fen=20_000)
    deliver_all(now)
    common = {"scope": WantedScope(sections=(section.slug,)), "claim_from": now, "claim_until": now}
    too_early = submitted(
        **common | {"claim_until": now + timedelta(days=1), "use_until": now + timedelta(days=9)}
    )
    in_time = submitted(
        **common | {"claim_until": now + timedelta(days=1), "use_until": now + timedelta(days=10)}
    )

    facts = refused(approving.BatchMissesSection, too_early, author, now)

    assert facts["sections"] == [section.slug]
    assert approve(in_time, author, now).state == "ACTIVE"


def test_a_coupon_worth_more_than_the_cheapest_product_is_not_approved(author, now):
    shop = open_shop()
    a_product(shop, price_fen=1_990)
    a_product(shop, price_fen=900)
    scope = WantedScope(shops=(shop.slug,))
    above = submitted(**DIRECT, amount_fen=901, scope=scope)

    facts = refused(approving.BatchAbovePrice, above, author, now)

    assert facts["cheapest_fen"] == 900
    assert approve(submitted(**DIRECT, amount_fen=900, scope=scope), author, now)


def test_a_shop_decides_about_its_own_money_alone(author, now):
    shop = open_shop()
    batch = decided(a_batch(shop, active=False, actor=author, quantity=1_000), "submit")

    assert approve(batch, author, now).needs_second_officer is False


def test_below_the_limit_one_person_is_enough(author, now):
    batch = submitted(actor=author, **DIRECT, amount_fen=100, quantity=LIMIT_FEN // 100)

    found = approve(batch, author, now)

    assert (found.approved_by_id, found.approved_worst_fen) == (author.user_id, LIMIT_FEN)
    assert found.needs_second_officer is False


def test_a_limit_of_nothing_asks_for_two_people_always(author, other, now, settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = 0
    batch = submitted(actor=author, **DIRECT, amount_fen=1, quantity=1)

    refused(approving.SecondOfficerNeeded, batch, author, now)

    assert approve(batch, other, now).approved_by_id == other.user_id


def test_above_the_limit_neither_the_author_nor_the_last_editor_approves(author, other, now):
    third = Actor(a_user().pk)
    batch = a_batch(active=False, actor=author, **DIRECT, amount_fen=100, quantity=1_001)
    edit(batch, {"name": "改名"}, other, now)
    batch = decided(batch, "submit")

    for person in (author, other):
        facts = refused(approving.SecondOfficerNeeded, batch, person, now)
        assert facts == {"worst_fen": 100_100, "limit_fen": LIMIT_FEN}

    found = approve(batch, third, now)
    assert (found.approved_by_id, found.needs_second_officer) == (third.user_id, True)


def test_pieces_added_in_review_count_and_make_their_author_an_editor(author, other, now):
    batch = submitted(actor=author, **DIRECT, amount_fen=100, quantity=1_000)
    edit(batch, {"quantity": 1_001}, other, now)

    refused(approving.SecondOfficerNeeded, batch, other, now)


def test_nobody_adds_pieces_beyond_what_was_approved(author, other, now):
    small = submitted(actor=author, **DIRECT, amount_fen=100, quantity=500)
    large = submitted(actor=author, **DIRECT, amount_fen=100, quantity=2_000)
    approve(small, author, now)
    approve(large, other, now)

    edit(small, {"quantity": 1_000}, author, now)
    for batch, quantity in ((small, 1_001), (large, 2_001)):
        with pytest.raises(approving.BatchAboveApproved):
            edit(batch, {"quantity": quantity}, other, now)
    # A later end is no more money.
    later = small.claim_until + timedelta(days=1)
    edit(large, {"claim_until": later, "use_until": later}, other, now)


def test_the_database_refuses_one_person_for_much_money(author, other, now):
    batch = submitted(actor=author, **DIRECT, amount_fen=100, quantity=2_000)
    approve(batch, other, now)

    with pytest.raises(IntegrityError, match="large_ones_are_seen_by_two"), transaction.atomic():
        CouponBatch.objects.filter(pk=batch.pk).update(approved_by=author.user_id)
    with pytest.raises(IntegrityError, match="large_ones_are_seen_by_two"), transaction.atomic():
        CouponBatch.objects.filter(pk=batch.pk).update(approved_by=None)


def test_an_approval_without_its_instant_is_refused_by_the_database(author):
    batch = submitted()

    with pytest.raises(IntegrityError, match="who_approved_is_dated"), transaction.atomic():
        CouponBatch.objects.filter(pk=batch.pk).update(approved_by=author.user_id)


def test_every_change_stands_in_the_log_with_its_author(author, now):
    batch = a_batch(active=False)

    edit(batch, {"quantity": 150, "name": "新名字", "per_user_limit": 1}, author, now)

    step = StateLog.objects.latest("id")
    assert (step.action, step.from_state, step.to_state) == ("edit", "DRAFT", "DRAFT")
    assert (step.actor_id, step.reason) == (author.user_id, "name, quantity")


def outlook(batch, now):
    return outlooks.outlook_of(CouponBatch.objects.get(pk=batch.pk), now)


def test_an_outlook_counts_what_is_in_scope_and_prices_five_of_it(now):
    shop, county = open_shop(), a_budget(total_fen=5_000, funder="GOVERNMENT")
    for price_fen in (1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000):
        a_product(shop, price_fen=price_fen)
    a_product(open_shop(region="510184"), price_fen=100, origin="510184")
    a_product(shop, price_fen=100, published=False)
    batch = a_batch(
        active=False,
        **DIRECT,
        amount_fen=999,
        quantity=10,
        scope=WantedScope(regions=("420500",)),
        funding=(
            WantedFunding("PLATFORM", 3_333, a_budget(total_fen=1_000_000).reference),
            WantedFunding("GOVERNMENT", 6_667, county.reference),
        ),
    )

    found = outlook(batch, now)

    assert (found.reach.products, found.reach.shops, found.reach.counties) == (7, 1, 1)
    assert found.reach.cheapest_fen == 1_000
    assert found.shops == [(shop.name, 7)]
    assert found.counties == [("秭归县", 7)]
    assert [sample.price_fen for sample in found.samples] == [1_000, 2_000, 4_000, 5_000, 7_000]
    assert [sample.paid_fen for sample in found.samples][:2] == [1, 1_001]
    assert found.worst_fen == 9_990
    # Each funder holds its ceiling: 3.33 and 6.67 of 9.99.
    costs = {cost.funder: (cost.worst_fen, cost.left_fen) for cost in found.costs}
    assert costs == {"PLATFORM": (3_330, 1_000_000), "GOVERNMENT": (6_670, 5_000)}
    assert found.findings == ["BUDGET_SHORT"]


def test_an_outlook_leaves_out_shops_that_have_not_agreed(now):
    agreed, asked = open_shop(), open_shop()
    for shop in (agreed, asked):
        a_product(shop)
    batch = a_batch(
        active=False,
        accepted_by=[agreed],
        funding=(WantedFunding("SHOP", 10_000),),
        scope=WantedScope(regions=("420527",)),
    )

    found = outlook(batch, now)

    assert (found.reach.products, found.reach.counting) == (2, 1)
    assert found.shops == [(agreed.name, 1)]
    assert [cost.left_fen for cost in found.costs] == [None]


@pytest.mark.parametrize(
    ("mine", "theirs", "do_meet"),
    [
        ({"regions": ("420500",)}, {"regions": ("420527",)}, True),
        ({"regions": ("420527",)}, {"regions": ("420000",)}, True),
        ({"regions": ("420527",)}, {"regions": ("510184",)}, False),
        ({"regions": ("420527",)}, {}, True),
        ({"regions": ("420527",)}, {"programmes": ("832",)}, True),
        ({"regions": ("420527",), "programmes": ("832",)}, {"programmes": ("832",)}, True),
        ({}, {}, True),
    ],
)
def test_an_outlook_names_live_batches_whose_scope_meets_its_own(mine, theirs, do_meet, now):
    a_product()
    batch = a_batch(active=False, scope=WantedScope(**mine))
    a_product(open_shop(region="510184"), origin="510184", price_fen=20_000)
    live = a_batch(scope=WantedScope(**theirs))
    a_batch(active=False, scope=WantedScope(**theirs))
    decided(a_batch(scope=WantedScope(**theirs)), "end")

    found = outlook(batch, now)

    assert [one.batch_id for one in found.overlaps] == ([live.pk] if do_meet else [])


def test_an_outlook_costs_as_much_for_many_products_as_for_one(queries_of, now):
    shop = open_shop()
    a_product(shop)
    batch = a_batch(active=False, scope=WantedScope(shops=(shop.slug,)))
    one = queries_of(lambda: outlook(batch, now))

    for _ in range(6):
        a_product(shop)

    assert queries_of(lambda: outlook(batch, now)) == one <= 9
