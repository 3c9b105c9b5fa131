"""Drafting, deciding, growing, accepting: what is refused, and what nothing may change."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from core.audit.actors import SYSTEM, Actor
from core.audit.models import StateLog
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.quotas.models import Quota
from core.quotas.selectors import availability
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope
from marketplace.coupons.domain.states import BATCH_LIFE, BatchState
from marketplace.coupons.models import BatchFunding, BatchScope, BatchShop, CouponBatch
from marketplace.coupons.selectors import drafted as stored
from marketplace.coupons.services import acceptance, batches, budgets, deciding, editing
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import DRAFTED, ENDS, OPENS, a_batch, a_budget, a_draft, decided
from tests.factories.sections import a_section
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db
ACTIONS = deciding.STAFF_ACTIONS
WAYS = {
    BatchState.DRAFT: (),
    BatchState.REVIEW: ("submit",),
    BatchState.ACTIVE: ("submit", "approve"),
    BatchState.PAUSED: ("submit", "approve", "pause"),
    BatchState.ENDED: ("submit", "approve", "end"),
    BatchState.CLOSED: ("submit", "approve", "end", "close"),
    BatchState.REJECTED: ("submit", "reject"),
}


def brought_to(state):
    batch = a_batch(active=False)
    for action in WAYS[state]:
        batch = decided(batch, action)
    return batch


def drafted(draft, shop=None):
    with transaction.atomic():
        return batches.draft(draft, actor=SYSTEM, now=DRAFTED, issuer_shop=shop)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", BatchState)
def test_a_batch_goes_only_where_its_life_leads(state, action, now):
    batch = brought_to(state)
    steps = StateLog.objects.count()
    target = BATCH_LIFE.next_of(state, action)

    if target is None:
        with pytest.raises(IllegalTransition), transaction.atomic():
            decided(batch, action, now)
        assert StateLog.objects.count() == steps
        assert CouponBatch.objects.get(pk=batch.pk).state == state
    else:
        assert decided(batch, action, now).state == target
        log = StateLog.objects.latest("id")
        assert (log.from_state, log.to_state, log.action) == (state, target, action)


def test_one_person_may_submit_and_approve(now):
    manager = Actor(a_user().pk)
    batch = a_batch(active=False)

    with transaction.atomic():
        deciding.decide(batch.reference, "submit", actor=manager, now=now)
        deciding.decide(batch.reference, "approve", actor=manager, now=now, reason="fine")

    assert StateLog.objects.latest("id").reason == "fine"


BAD = {
    "both thresholds": ({"threshold_pieces": 3}, "/threshold_pieces", "THRESHOLD_TWICE"),
    "no threshold": ({"threshold_fen": None}, "/threshold_fen", "THRESHOLD_REQUIRED"),
    "no amount": ({"amount_fen": None}, "/amount_fen", "REQUIRED"),
    "percentage on an amount": ({"discount_bp": 100}, "/discount_bp", "NOT_FOR_THIS_KIND"),
    "cap on an amount": ({"max_discount_fen": 1}, "/max_discount_fen", "NOT_FOR_THIS_KIND"),
    "direct with a threshold": ({"kind": "DIRECT"}, "/threshold_fen", "NOT_FOR_THIS_KIND"),
    "percentage without cap": (
        {"kind": "DISCOUNT", "amount_fen": None, "discount_bp": 1_500},
        "/max_discount_fen",
        "CAP_REQUIRED",
    ),
    "percentage of nothing": (
        {"kind": "DISCOUNT", "amount_fen": None, "max_discount_fen": 2_000},
        "/discount_bp",
        "REQUIRED",
    ),
    "percentage with an amount": (
        {"kind": "DISCOUNT", "discount_bp": 1_500, "max_discount_fen": 2_000},
        "/amount_fen",
        "NOT_FOR_THIS_KIND",
    ),
    "freight by percentage": (
        {"kind": "FREIGHT", "discount_bp": 1_500},
        "/discount_bp",
        "NOT_FOR_THIS_KIND",
    ),
    "freight without an amount": (
        {"kind": "FREIGHT", "amount_fen": None},
        "/amount_fen",
        "REQUIRED",
    ),
    "freight with both thresholds": (
        {"kind": "FREIGHT", "threshold_pieces": 3},
        "/threshold_pieces",
        "THRESHOLD_TWICE",
    ),
    "new users without an amount": (
        {"kind": "NEW_USER", "amount_fen": None},
        "/amount_fen",
        "REQUIRED",
    ),
    "new users with a percentage": (
        {"kind": "NEW_USER", "discount_bp": 100, "max_discount_fen": 5},
        "/discount_bp",
        "NOT_FOR_THIS_KIND",
    ),
    "claims end first": ({"claim_until": OPENS}, "/claim_until", "WINDOW_NOT_FORWARD"),
    "use ends before claims": (
        {"use_until": ENDS - timedelta(seconds=1)},
        "/use_until",
        "USE_ENDS_BEFORE_CLAIMS",
    ),
    "use ends before it starts": ({"use_from": ENDS}, "/use_until", "WINDOW_NOT_FORWARD"),
    "no end": ({"use_until": None}, "/use_until", "VALIDITY_REQUIRED"),
    "runs out before use": (
        {"use_from": OPENS + timedelta(days=3), "days_after_claim": 3},
        "/days_after_claim",
        "NEVER_USABLE",
    ),
    "funding not whole": (
        {"funding": (WantedFunding("SHOP", 9_999),)},
        "/funding",
        "FUNDING_NOT_WHOLE",
    ),
    "funder twice": (
        {"funding": (WantedFunding("SHOP", 5_000), WantedFunding("SHOP", 5_000))},
        "/funding/0/funder",
        "FUNDER_TWICE",
    ),
    "no budget": (
        {"funding": (WantedFunding("PLATFORM", 10_000),)},
        "/funding/0/budget",
        "BUDGET_REQUIRED",
    ),
    "unknown budget": (
        {"funding": (WantedFunding("PLATFORM", 10_000, uuid4()),)},
        "/funding/0/budget",
        "UNKNOWN",
    ),
    "unknown section": ({"scope": WantedScope(sections=("x",))}, "/scope/sections/0", "UNKNOWN"),
    "unknown region": (
        {"scope": WantedScope(regions=("999999",))},
        "/scope/regions/0",
        "UNKNOWN_REGION",
    ),
    "unknown programme": (
        {"scope": WantedScope(programmes=("x",))},
        "/scope/programmes/0",
        "UNKNOWN",
    ),
    "unknown category": (
        {"scope": WantedScope(categories=("x",))},
        "/scope/categories/0",
        "UNKNOWN",
    ),
    "unknown product": (
        {"scope": WantedScope(products=(uuid4(),))},
        "/scope/products/0",
        "UNKNOWN",
    ),
    "unknown shop": ({"scope": WantedScope(shops=("x",))}, "/scope/shops/0", "UNKNOWN"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_batch_that_breaks_a_rule_is_refused_where_it_is_wrong_and_nothing_is_written(case):
    changes, pointer, code = BAD[case]
    draft = a_draft(**changes)
    quotas = Quota.objects.count()

    with pytest.raises(InvalidInput) as refusal:
        drafted(draft)

    assert (pointer, code) in {(fault.pointer, fault.code) for fault in refusal.value.faults}
    assert all(fault.detail for fault in refusal.value.faults)
    assert (CouponBatch.objects.count(), Quota.objects.count()) == (0, quotas)


def test_a_budget_of_another_funder_cannot_pay():
    draft = a_draft(
        funding=(WantedFunding("PLATFORM", 10_000, a_budget(funder="GOVERNMENT").reference),)
    )

    with pytest.raises(InvalidInput) as refusal:
        drafted(draft)

    assert refusal.value.faults[0].code == "BUDGET_OF_ANOTHER_FUNDER"


def test_a_shop_stays_inside_itself_and_pays_alone():
    shop, other = open_shop(), open_shop()
    outside = a_draft(shop, scope=WantedScope(shops=(str(other.reference),)))
    with_budget = a_draft(shop, funding=(WantedFunding("PLATFORM", 10_000, a_budget().reference),))

    with pytest.raises(InvalidInput) as refusal:
        drafted(outside, shop)
    assert (refusal.value.faults[0].pointer, refusal.value.faults[0].code) == (
        "/scope/shops/0",
        "OUTSIDE_THE_SHOP",
    )
    with pytest.raises(InvalidInput) as refusal:
        drafted(with_budget, shop)
    assert refusal.value.faults[0].code == "SHOP_PAYS_ALONE"


def test_a_shops_own_batch_is_accepted_by_being_drafted():
    shop = open_shop()

    batch = a_batch(shop, scope=WantedScope(shops=(shop.slug,)))

    assert list(batch.shops.values_list("shop_id", flat=True)) == [shop.pk]
    assert list(batch.scope.values_list("by", "shop_id")) == [("SHOP", shop.pk)]


def test_a_thing_named_twice_is_meant_once():
    shop = open_shop()

    batch = a_batch(scope=WantedScope(shops=(shop.slug, str(shop.reference))))

    assert batch.scope.count() == 1


def test_a_large_batch_and_a_large_budget_are_spread_over_sixteen_shards():
    small, large = a_batch(quantity=999), a_batch(quantity=1_000)
    little, much = a_budget(999_999), a_budget(1_000_000)

    assert [batch.quota.shards for batch in (small, large)] == [1, 16]
    assert [budget.quota.shards for budget in (little, much)] == [1, 16]

    edit(small, quantity=1_600)
    with transaction.atomic():
        budgets.grow(little.reference, {"total_fen": 1_600_000}, now=DRAFTED)

    for quota in (small.quota, little.quota):
        quota.refresh_from_db()
        assert quota.parts.count() == quota.shards == 16
        assert len(set(quota.parts.values_list("total", flat=True))) == 1


def test_shops_accept_a_batch_once_however_often_they_say_so(now):
    shop, member = open_shop(), a_user()
    batch = a_batch(funding=(WantedFunding("SHOP", 10_000),))

    with transaction.atomic():
        first = acceptance.accept(batch.reference, shop=shop, actor=Actor(member.pk), now=now)
        again = acceptance.accept(batch.reference, shop=shop, actor=SYSTEM, now=now)

    assert first.pk == again.pk
    assert (again.accepted_by_id, again.accepted_at) == (member.pk, now)


def test_there_is_nothing_to_accept_without_a_shop_part_or_once_it_is_over(now):
    shop = open_shop()
    no_part = a_batch()
    over = decided(a_batch(funding=(WantedFunding("SHOP", 10_000),)), "end")

    for batch in (no_part, over):
        with pytest.raises(acceptance.NothingToAccept), transaction.atomic():
            acceptance.accept(batch.reference, shop=shop, actor=SYSTEM, now=now)
    own = a_batch(open_shop()).reference
    with pytest.raises(NotFound), transaction.atomic():
        acceptance.accept(own, shop=shop, actor=SYSTEM, now=now)
    assert not BatchShop.objects.filter(shop=shop).exists()


def edit(batch, **changes):
    with transaction.atomic():
        return editing.edit(batch.reference, changes, actor=SYSTEM, now=DRAFTED)


def test_quantity_grows_and_ends_move_later_while_it_runs(now):
    batch = a_batch(claim_until=now, use_until=now)

    edit(batch, quantity=150, claim_until=now + timedelta(days=1), use_until=ENDS)

    found = CouponBatch.objects.get(pk=batch.pk)
    assert availability.figures([batch.quota_id])[batch.quota_id].total == 150
    assert (found.claim_until, found.use_until) == (now + timedelta(days=1), ENDS)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": 99}, "ONLY_UPWARDS"),
        ({"claim_until": ENDS - timedelta(seconds=1)}, "ONLY_LATER"),
        ({"use_until": ENDS - timedelta(seconds=1)}, "ONLY_LATER"),
        ({"use_until": None}, "ONLY_LATER"),
        ({"claim_until": ENDS + timedelta(seconds=1)}, "USE_ENDS_BEFORE_CLAIMS"),
    ],
)
def test_nothing_shrinks_or_comes_earlier_once_it_runs(changes, code):
    batch = a_batch()

    with pytest.raises(InvalidInput) as refusal:
        edit(batch, **changes)

    assert refusal.value.faults[0].code == code
    assert availability.figures([batch.quota_id])[batch.quota_id].total == 100


@pytest.mark.parametrize("state", [state for state in BatchState if state != "DRAFT"])
def test_from_the_submission_on_the_terms_are_fixed(state):
    batch = brought_to(state)

    with pytest.raises(editing.BatchFixed) as refusal:
        edit(batch, amount_fen=1, quantity=200)

    assert refusal.value.facts == {"fields": ["amount_fen"], "state": state}
    assert CouponBatch.objects.get().amount_fen == 3_000


@pytest.mark.parametrize("state", [BatchState.ENDED, BatchState.CLOSED, BatchState.REJECTED])
def test_what_is_over_does_not_grow(state):
    with pytest.raises(editing.BatchFixed):
        edit(brought_to(state), quantity=200)


def test_a_draft_is_changed_in_every_way_and_accepted_anew(now):
    shop, county = open_shop(), a_budget(funder="GOVERNMENT")
    shares = (
        WantedFunding("GOVERNMENT", 6_000, county.reference),
        WantedFunding("SHOP", 4_000),
    )
    batch = a_batch(
        active=False, accepted_by=[shop], funding=(WantedFunding("SHOP", 10_000),), quantity=2_000
    )

    edit(
        batch,
        name="新名字",
        kind="DISCOUNT",
        threshold_fen=None,
        amount_fen=None,
        discount_bp=1_500,
        max_discount_fen=2_000,
        quantity=50,
        funding=shares,
        scope=WantedScope(regions=("420000",), shops=(shop.slug,)),
    )

    found = stored.draft_of(CouponBatch.objects.get())
    assert (found.name, found.kind, found.quantity) == ("新名字", "DISCOUNT", 50)
    assert found.funding == shares
    assert found.scope == WantedScope(regions=("420000",), shops=(str(shop.reference),))
    assert not BatchShop.objects.exists()


def test_a_draft_that_would_break_a_rule_stays_as_it_was():
    batch = a_batch(active=False)
    before = stored.draft_of(batch)

    with pytest.raises(InvalidInput):
        edit(batch, threshold_fen=None, name="kaputt", quantity=1)

    assert stored.draft_of(CouponBatch.objects.get()) == before


def test_a_stored_batch_reads_as_it_was_drafted():
    section = a_section()
    product = a_product()
    wanted = a_draft(
        scope=WantedScope(
            sections=(section.slug,),
            programmes=("832",),
            categories=(str(product.category.reference),),
            products=(product.reference,),
        ),
        days_after_claim=3,
        allow_on_activity_price=True,
        by_code=True,
        grace_hours_on_return=24,
    )

    assert stored.draft_of(drafted(wanted)) == wanted


def test_budgets_grow_and_never_shrink():
    budget = a_budget(1_000)

    with transaction.atomic():
        budgets.grow(budget.reference, {"total_fen": 1_500}, now=DRAFTED)
    with pytest.raises(InvalidInput), transaction.atomic():
        budgets.grow(budget.reference, {"total_fen": 1_500}, now=DRAFTED)

    assert availability.figures([budget.quota_id])[budget.quota_id].total == 1_500


def violated(name):
    return pytest.raises(IntegrityError, match=name)


def test_the_database_refuses_what_services_never_write(now):
    batch = a_batch()
    rows = CouponBatch.objects.filter(pk=batch.pk)
    for name, changes in {
        "shop_issues_its_own": {"issuer": "SHOP"},
        "terms_fit_the_kind": {"threshold_pieces": 1},
        "figures_are_positive": {"per_user_limit": 0},
        "commits_at_a_known_time": {"commit_mode": "SOMETIME"},
        "grace_is_a_week_at_most": {"grace_hours_on_return": 169},
        "claim_window_is_forward": {"claim_until": batch.claim_from},
        "use_window_is_forward": {"use_from": batch.use_until},
        "use_never_ends_before_claims": {"use_until": batch.claim_from},
        "coupons_always_end": {"use_until": None},
        "submitted_unless_draft": {"submitted_at": None},
        "approved_before_it_runs": {"approved_at": None},
        "end_is_dated": {"ended_at": now},
    }.items():
        with violated(f"coupons_couponbatch_{name}"), transaction.atomic():
            rows.update(**changes)


def test_the_database_refuses_parts_that_make_no_sense(now):
    batch, budget = a_batch(), a_budget()
    shop = open_shop()
    rows = {
        "coupons_batchfunding_funder_once": BatchFunding(
            batch=batch, funder="PLATFORM", bp=1, budget=budget
        ),
        "coupons_batchfunding_is_a_share": BatchFunding(
            batch=batch, funder="PARTNER", bp=0, budget=budget
        ),
        "coupons_batchfunding_all_but_shops_have_a_budget": BatchFunding(
            batch=batch, funder="SHOP", bp=1, budget=budget
        ),
        "coupons_batchscope_names_one_thing": BatchScope(
            batch=batch, by="SHOP", shop=shop, region="420000"
        ),
    }
    for name, row in rows.items():
        with violated(name), transaction.atomic():
            row.save(force_insert=True)
    BatchScope.objects.create(batch=batch, by="SHOP", shop=shop)
    with violated("coupons_batchscope_never_twice"), transaction.atomic():
        BatchScope.objects.create(batch=batch, by="SHOP", shop=shop)
    BatchShop.objects.create(batch=batch, shop=shop, accepted_at=now)
    with violated("coupons_batchshop_once"), transaction.atomic():
        BatchShop.objects.create(batch=batch, shop=shop, accepted_at=now)


def test_the_shares_of_a_batch_are_the_whole_when_a_transaction_ends():
    batch = a_batch()

    def one_basis_point_less():
        with transaction.atomic():
            BatchFunding.objects.filter(batch=batch).update(bp=9_999)
            connection.check_constraints()

    with violated("sum to 9999 basis points"):
        one_basis_point_less()


def test_a_batch_without_any_funder_cannot_be_stored():
    batch = a_batch()

    def without_funders():
        with transaction.atomic():
            BatchFunding.objects.filter(batch=batch).delete()
            connection.check_constraints()

    with violated("sum to 0 basis points"):
        without_funders()
