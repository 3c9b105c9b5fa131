"""Full reductions as shops set them up and end them, and what the clock does to them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core.audit.actors import SYSTEM
from core.audit.history import life_of
from core.errors import IllegalTransition, InvalidInput
from marketplace.activities.selectors import offers
from marketplace.reductions.domain.tiers import Tier
from marketplace.reductions.models import ReductionCover, ReductionTier, ShopReduction
from marketplace.reductions.services import reductions
from marketplace.reductions.tasks import keep_time
from tests.factories.catalogue import a_product
from tests.factories.reductions import TIERS, a_draft, a_reduction
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def found(*products, now):
    return offers.standing(
        [product.pk for product in products],
        [],
        shop_ids={product.shop_id for product in products},
        now=now,
    ).reductions


def end(reduction, now, reason=""):
    with transaction.atomic():
        reductions.end(reduction, actor=SYSTEM, now=now, reason=reason)


def test_a_reduction_is_kept_with_its_tiers_and_counts_for_the_whole_shop(now):
    product = a_product()

    reduction = a_reduction(product.shop, now=now)

    (terms,) = found(product, now=now)
    assert (terms.reference, terms.shop_id) == (str(reduction.reference), product.shop_id)
    assert (terms.tiers, terms.product_ids) == (TIERS, frozenset())
    assert [step.action for step in life_of("shop_reduction", reduction.pk)] == ["create"]


def test_it_counts_inside_its_window_whatever_the_sweep_has_done(now):
    product = a_product()
    a_reduction(product.shop, now=now, starts_at=now, ends_at=now + HOUR)

    assert found(product, now=now - timedelta(seconds=1)) == ()
    assert len(found(product, now=now)) == 1
    assert len(found(product, now=now + HOUR - timedelta(seconds=1))) == 1
    assert found(product, now=now + HOUR) == ()


def test_one_for_some_goods_is_found_with_those_that_are_asked_about(now):
    first = a_product()
    second, third = a_product(first.shop), a_product(first.shop)
    a_reduction(first.shop, first, second, now=now)

    (terms,) = found(first, third, now=now)

    assert terms.product_ids == {first.pk}
    assert found(third, now=now) == ()
    assert found(a_product(), now=now) == ()


def test_different_goods_of_a_shop_have_different_reductions(now):
    first = a_product()
    second = a_product(first.shop)

    a_reduction(first.shop, first, now=now)
    a_reduction(first.shop, second, now=now)

    assert [terms.product_ids for terms in found(first, second, now=now)] == [
        {first.pk},
        {second.pk},
    ]


@pytest.mark.parametrize("is_whole_first", [True, False])
def test_goods_never_have_two_at_an_instant(now, is_whole_first):
    product = a_product()
    whole, limited = (), (product,)
    a_reduction(product.shop, *(whole if is_whole_first else limited), now=now)

    for goods in (whole, limited):
        with pytest.raises(reductions.ReductionOverlap):
            a_reduction(product.shop, *goods, now=now)

    assert ShopReduction.objects.count() == ReductionCover.objects.count() == 1
    assert ReductionTier.objects.count() == len(TIERS)


def test_one_begins_now_at_the_earliest_so_that_what_is_over_is_not_in_the_way(now):
    product = a_product()
    a_reduction(product.shop, now=now, ends_at=now)

    with transaction.atomic():
        draft = a_draft(now=now, starts_at=now - HOUR)
        other = reductions.set_up(product.shop, draft, actor=SYSTEM, now=now)

    assert other.starts_at == now
    assert [terms.reduction_id for terms in found(product, now=now)] == [other.pk]


def test_one_follows_another_without_a_gap_and_other_shops_do_not_mind(now):
    shop = open_shop()
    a_reduction(shop, now=now, starts_at=now, ends_at=now + HOUR)

    a_reduction(shop, now=now, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    a_reduction(open_shop(), now=now, starts_at=now, ends_at=now + HOUR)

    assert ShopReduction.objects.count() == 3


def test_one_that_was_ended_makes_room(now):
    product = a_product()
    ended = a_reduction(product.shop, now=now)

    end(ended, now, "写错了")

    assert found(product, now=now) == ()
    ended.refresh_from_db()
    assert (ended.state, ended.ended_at, ended.next_attempt_at) == ("ENDED", now, None)
    assert [step.reason for step in life_of("shop_reduction", ended.pk)] == ["", "写错了"]
    other = a_reduction(product.shop, now=now)
    assert [terms.reduction_id for terms in found(product, now=now)] == [other.pk]


def test_nothing_brings_an_ended_one_back(now):
    reduction = a_reduction(now=now)
    end(reduction, now)

    with pytest.raises(IllegalTransition):
        end(reduction, now)


def test_the_clock_starts_and_ends_them(now):
    early = a_reduction(now=now, starts_at=now, ends_at=now + HOUR)
    late = a_reduction(now=now, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    over = a_reduction(now=now, starts_at=now - HOUR, ends_at=now - timedelta(minutes=1))

    assert reductions.keep_time(now=now) == 2

    assert [_state(row) for row in (early, late, over)] == ["RUNNING", "SCHEDULED", "ENDED"]
    assert reductions.keep_time(now=now) == 0
    assert reductions.keep_time(now=now + HOUR) == 2
    assert [_state(row) for row in (early, late)] == ["ENDED", "RUNNING"]
    assert reductions.keep_time(now=now + 3 * HOUR) == 1
    assert not ReductionCover.objects.filter(ended_at=None).exists()
    assert not ShopReduction.objects.exclude(next_attempt_at=None).exists()


def test_a_late_worker_has_nothing_to_catch_up_with():
    keep_time()

    assert ShopReduction.objects.count() == 0


def _state(reduction):
    return ShopReduction.objects.values_list("state", flat=True).get(pk=reduction.pk)


def test_goods_of_another_shop_and_unknown_goods_are_named(now):
    shop, other = open_shop(), a_product()
    draft = a_draft(now=now, products=(other.reference, uuid4()))

    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        reductions.set_up(shop, draft, actor=SYSTEM, now=now)

    faults = [(fault.pointer, fault.code) for fault in refused.value.faults]
    assert faults == [("/products/0", "OUTSIDE_THE_SHOP"), ("/products/1", "UNKNOWN")]
    assert ShopReduction.objects.count() == 0


@pytest.mark.parametrize(
    ("tier", "constraint"),
    [
        ({"amount_fen": 5}, "has_one_threshold"),
        ({"amount_fen": 5, "threshold_fen": 9, "threshold_pieces": 9}, "has_one_threshold"),
        ({"amount_fen": 9, "threshold_fen": 9}, "takes_less_than_it_asks"),
        ({"amount_fen": 0, "threshold_pieces": 9}, "figures_are_positive"),
        ({"amount_fen": 7, "threshold_fen": 5_000}, "threshold_once"),
    ],
)
def test_the_database_refuses_what_no_tier_may_be(now, tier, constraint):
    reduction = a_reduction(now=now)

    with pytest.raises(IntegrityError, match=f"reductions_reductiontier_{constraint}"):
        ReductionTier.objects.create(reduction=reduction, **tier)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"name": ""}, "has_a_name"),
        ({"state": "ENDED"}, "ended_has_its_instant"),
    ],
)
def test_the_database_refuses_what_no_reduction_may_be(now, changes, constraint):
    reduction = a_reduction(now=now)

    with pytest.raises(IntegrityError, match=f"reductions_shopreduction_{constraint}"):
        ShopReduction.objects.filter(pk=reduction.pk).update(**changes)


def test_a_window_is_always_forward(now):
    reduction = a_reduction(now=now)

    with pytest.raises(IntegrityError, match="reductions_shopreduction_window_is_forward"):
        ShopReduction.objects.filter(pk=reduction.pk).update(ends_at=reduction.starts_at)


def test_tiers_may_ask_for_pieces_and_for_amounts(now):
    product = a_product()
    both = (Tier(300, threshold_pieces=2), Tier(500, threshold_fen=5_000))

    a_reduction(product.shop, now=now, tiers=both)

    (terms,) = found(product, now=now)
    assert terms.tiers == both
