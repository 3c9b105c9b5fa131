"""Many hands on one product: members and counts stay one story."""

import threading
from functools import partial

import pytest
from django.db import connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.audit.models import StateLog
from marketplace.sections.domain.reviewing import ItemDecision, Side
from marketplace.sections.models import (
    BrandMark,
    RegionalBrand,
    SectionCount,
    SectionItem,
    SectionMember,
)
from marketplace.sections.services import brands, items, marks, membership, scheduling
from shops.catalogue.models import Product, ProductCard
from tests.factories.catalogue import a_product
from tests.factories.sections import (
    a_brand,
    a_co_branded_section,
    a_section,
    an_item,
    authorise,
)
from tests.factories.storefronts import open_shop
from tests.support.meeting import Meeting, until_set

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def products():
    """Some products of one shop, members of nothing yet."""
    shop = open_shop()
    return [a_product(shop).pk for _ in range(6)]


def _refresh(product_ids, now):
    with transaction.atomic():
        return membership.refresh(product_ids, now=now)


def test_products_refreshed_by_everybody_at_once_are_counted_once(at_once, now, products):
    section = a_section(regions=["420000"])
    orders = [products, products[::-1], products[3:] + products[:3]]

    outcomes = at_once(*(partial(_refresh, order, now) for order in orders * 3))

    assert sorted(outcomes) == [0] * 8 + [6]
    assert SectionMember.objects.filter(section=section).count() == 6
    assert sum(SectionCount.objects.values_list("members", flat=True)) == 6


def _put_in_while_taken_out(at_once, now, product_id):
    """One hand puts a product in and takes its time to commit; another takes it off sale."""
    is_put, is_over = threading.Event(), threading.Event()

    def put_in():
        with transaction.atomic():
            membership.refresh([product_id], now=now)
            is_put.set()
            until_set(is_over)

    def take_out():
        is_put.wait(timeout=20)
        ProductCard.objects.filter(pk=product_id).update(is_listed=False)
        _refresh([product_id], now)
        is_over.set()

    assert at_once(put_in, take_out) == [None, None]


def test_what_is_taken_off_sale_while_it_is_put_in_does_not_stay(at_once, now, products):
    a_section(regions=["420000"])

    _put_in_while_taken_out(at_once, now, products[0])

    assert not SectionMember.objects.exists()


def test_canary_without_taking_turns_it_stays(at_once, now, products, monkeypatch):
    a_section(regions=["420000"])
    monkeypatch.setattr(membership, "_take_turn", lambda _: None)

    _put_in_while_taken_out(at_once, now, products[0])

    assert SectionMember.objects.exists()


def test_whoever_comes_last_has_seen_the_newest_card(at_once, now, products):
    a_section(regions=["420000"])
    _refresh(products, now)

    def flip(price_fen):
        with transaction.atomic():
            ProductCard.objects.filter(pk=products[0]).update(
                price_from_fen=price_fen, in_stock=bool(price_fen % 2)
            )
        _refresh([products[0]], now)

    at_once(*(partial(flip, price_fen) for price_fen in range(100, 112)))

    card = ProductCard.objects.get(pk=products[0])
    member = SectionMember.objects.get(product_id=products[0])
    assert (member.price_from_fen, member.is_shown) == (card.price_from_fen, card.in_stock)
    (counts,) = reconciling.run(["sections.counts_add_up_to_members"])
    assert counts.is_held


def _both_sides_at_once(at_once, now, item):
    def one(side):
        with transaction.atomic():
            return items.decide(item(), side, ItemDecision.APPROVE, actor=SYSTEM, now=now).state

    return at_once(*(partial(one, side) for side in Side))


def test_two_sides_that_approve_at_once_are_both_heard(at_once, now, products):
    section = a_co_branded_section(regions=["420000"])
    item = an_item(section, Product.objects.get(pk=products[0]))

    outcomes = _both_sides_at_once(at_once, now, lambda: SectionItem.objects.get(pk=item.pk))

    assert sum(outcome == "APPROVED" for outcome in outcomes) == 1
    item.refresh_from_db()
    assert item.state == "APPROVED"
    assert SectionMember.objects.get().product_id == products[0]


def test_canary_decided_on_what_was_read_one_side_is_lost(at_once, now, products, monkeypatch):
    section = a_co_branded_section(regions=["420000"])
    item = an_item(section, Product.objects.get(pk=products[0]))
    have_read = Meeting(2)

    def as_read(rows, machine, action, *, actor, now, reason, **changes):
        state = rows.get().state
        have_read.come()
        # A rejection of what stands there now would be fair; this writes over it.
        marks = {"partner_at": None, "platform_at": None} | {
            name: value for name, value in changes.items() if name.endswith("_at")
        }
        rows.update(state=machine.next_of(state, action), **marks)

    monkeypatch.setattr(items, "advance_one", as_read)

    _both_sides_at_once(at_once, now, lambda: SectionItem.objects.get(pk=item.pk))

    item.refresh_from_db()
    assert item.state in {"PARTNER_APPROVED", "PLATFORM_APPROVED"}


def test_a_product_proposed_by_many_at_once_is_one_item(at_once, now, products):
    section = a_co_branded_section(regions=["420000"])
    product = Product.objects.get(pk=products[0])

    outcomes = at_once(*(partial(an_item, section, product) for _ in range(6)))

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(SectionItem), kinds.count(items.AlreadyProposed)) == (1, 5)


def test_of_many_flagships_founded_at_once_a_county_keeps_one(at_once):
    outcomes = at_once(*(partial(a_brand, "430426") for _ in range(6)))

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(RegionalBrand), kinds.count(brands.FlagshipExists)) == (1, 5)


def test_canary_without_the_constraint_a_county_has_several_flagships(at_once):
    name = "sections_regionalbrand_one_flagship_per_county"
    (constraint,) = [one for one in RegionalBrand._meta.constraints if one.name == name]
    with connection.schema_editor() as editor:
        editor.remove_constraint(RegionalBrand, constraint)
    try:
        at_once(*(partial(a_brand, "430426") for _ in range(6)))
        assert RegionalBrand.objects.count() == 6
    finally:
        RegionalBrand.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(RegionalBrand, constraint)


def _mark_while_the_right_ends(at_once, now, product, brand):
    """One hand marks a product and takes its time to commit; another ends the authorisation."""
    is_marked, is_over = threading.Event(), threading.Event()

    def mark():
        with transaction.atomic():
            marks.put_on(product, brand, actor=SYSTEM, now=now)
            is_marked.set()
            until_set(is_over)

    def end():
        is_marked.wait(timeout=20)
        with transaction.atomic():
            brands.end_authorisation(brand, product.shop.reference, actor=SYSTEM, now=now)
        is_over.set()

    assert at_once(mark, end) == [None, None]


@pytest.fixture
def marked(products):
    """A product that may bear a brand's mark, and the brand."""
    product = Product.objects.select_related("shop").get(pk=products[0])
    brand = a_brand(product.origin_county)
    authorise(brand, product.shop)
    return product, brand


def test_a_mark_that_is_put_on_while_the_right_ends_does_not_stay(at_once, now, marked):
    _mark_while_the_right_ends(at_once, now, *marked)

    assert not BrandMark.objects.exists()
    (promise,) = reconciling.run(["sections.marks_are_authorised_and_fit"])
    assert promise.is_held


def test_canary_without_asking_the_right_to_stay_the_mark_does(at_once, now, marked, monkeypatch):
    monkeypatch.setattr(marks, "_MARK", marks._MARK.replace("FOR SHARE OF held", ""))

    _mark_while_the_right_ends(at_once, now, *marked)

    (promise,) = reconciling.run(["sections.marks_are_authorised_and_fit"])
    assert not promise.is_held


def test_two_sweeps_at_once_open_a_section_once(at_once, now):
    made = [a_section(opens_at=now) for _ in range(3)]

    outcomes = at_once(*(partial(scheduling.turn_due, now) for _ in range(4)))

    assert sum(outcomes) == 3
    steps = StateLog.objects.filter(subject="section", action="open")
    assert sorted(steps.values_list("subject_id", flat=True)) == [one.pk for one in made]
