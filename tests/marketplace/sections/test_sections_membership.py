"""Sections hold what their rule picks and what is pinned, and follow their products."""

from datetime import timedelta

import pytest

from core.audit.actors import SYSTEM
from core.outbox.models import Delivery
from marketplace.sections.domain.ranks import RULE_BASE
from marketplace.sections.models import SectionCount, SectionMember
from marketplace.sections.selectors import membership as sections_of_products
from marketplace.sections.services import membership, pins, sections
from shops.catalogue.models import ProductCard
from shops.catalogue.services import publication
from tests.factories.catalogue import a_category, a_product
from tests.factories.sections import a_section
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

BADONG, ZIGUI, WUFENG = "422823", "420527", "420529"


@pytest.fixture
def shop():
    return open_shop()


def _held(section):
    members = SectionMember.objects.filter(section=section, is_shown=True)
    return set(members.values_list("product_id", flat=True))


def _counted(section):
    rows = SectionCount.objects.filter(section=section, members__gt=0)
    return {(row.origin_county, row.category_id): row.members for row in rows}


def _recounted(section):
    counted = {}
    for row in SectionMember.objects.filter(section=section, is_shown=True):
        place = (row.origin_county, row.category_id)
        counted[place] = counted.get(place, 0) + 1
    return counted


def test_a_rule_of_a_province_picks_its_counties_and_no_others(shop, now):
    section = a_section(regions=["420000"])
    inside = a_product(shop, origin=ZIGUI)
    a_product(shop, origin="510184")

    deliver_all(now)

    assert _held(section) == {inside.pk}
    assert _counted(section) == {(ZIGUI, inside.category_id): 1}


def test_every_list_of_a_rule_must_be_met(shop, now):
    kiwi, citrus = a_category("kiwifruit"), a_category("citrus")
    both = a_product(shop, origin=WUFENG, category=kiwi)
    a_product(shop, origin=WUFENG, category=citrus)
    a_product(shop, origin="350181", category=kiwi)
    section = a_section(regions=["420000"], categories=[kiwi.pk])

    deliver_all(now)

    assert _held(section) == {both.pk}


def test_a_category_brings_what_is_below_it(shop, now):
    citrus = a_category("citrus")
    product = a_product(shop, category=citrus)
    section = a_section(categories=[citrus.parent_id])

    deliver_all(now)

    assert _held(section) == {product.pk}


def test_a_programme_picks_by_the_day(shop, now):
    section = a_section(programmes=["832"])
    product = a_product(shop, origin=BADONG)
    a_product(shop, origin="310101")
    deliver_all(now)
    assert _held(section) == {product.pk}

    section = a_section(programmes=["poor-county"])
    deliver_all(now)

    # The list of poor counties ended years before.
    assert _held(section) == set()


def test_a_section_without_a_rule_holds_only_its_pins(shop, now):
    section = a_section()
    pinned, _ = a_product(shop), a_product(shop)
    deliver_all(now)
    assert _held(section) == set()

    pins.pin(section, pinned.reference, position=None, actor=SYSTEM, now=now)

    assert _held(section) == {pinned.pk}


def test_an_unpublished_product_leaves_with_its_event_and_comes_back(shop, now):
    section = a_section(regions=["420000"])
    product = a_product(shop)
    deliver_all(now)

    publication.withdraw(product, actor=SYSTEM, now=now)
    deliver_all(now)
    assert (_held(section), _counted(section)) == (set(), {})

    publication.publish(product, actor=SYSTEM, now=now)
    deliver_all(now)
    assert _held(section) == {product.pk}
    assert _counted(section) == _recounted(section)


def test_the_refresh_notices_what_no_event_tells(shop, now):
    section = a_section(regions=["420000"])
    gone, sold = a_product(shop), a_product(shop)
    deliver_all(now)
    ranks = dict(SectionMember.objects.values_list("product_id", "rank"))
    ProductCard.objects.filter(pk=gone.pk).update(in_stock=False)
    ProductCard.objects.filter(pk=sold.pk).update(sold=7)

    assert membership.refresh_everything(now) == 2
    assert membership.refresh_everything(now) == 0

    assert _held(section) == {sold.pk}
    assert _counted(section) == _recounted(section) == {(ZIGUI, sold.category_id): 1}
    assert SectionMember.objects.get(product=sold).sold == 7
    ProductCard.objects.filter(pk=gone.pk).update(in_stock=True)
    membership.refresh_everything(now)
    assert _held(section) == {gone.pk, sold.pk}
    assert dict(SectionMember.objects.values_list("product_id", "rank")) == ranks


def test_the_refresh_goes_window_by_window(shop, now, monkeypatch):
    section = a_section(regions=["420000"])
    products = {a_product(shop).pk for _ in range(7)}
    monkeypatch.setattr(membership, "WINDOW", 3)

    assert membership.refresh_everything(now) == 7

    assert _held(section) == products


def test_a_section_that_closes_is_emptied_and_one_not_yet_open_is_filled(shop, now):
    closing = a_section(regions=["420000"])
    coming = a_section(regions=["420000"], opens_at=now + timedelta(days=1))
    over = a_section(regions=["420000"], closes_at=now)
    product = a_product(shop)
    deliver_all(now)
    assert (_held(closing), _held(coming), _held(over)) == ({product.pk}, {product.pk}, set())

    sections.edit(closing, state="CLOSED", actor=SYSTEM, now=now)
    deliver_all(now)

    assert _held(closing) == set()
    assert _counted(closing) == {}


def test_an_edit_never_moves_a_product_in_the_default_order(shop, now):
    section = a_section(regions=["420000"])
    product = a_product(shop)
    deliver_all(now)
    before = SectionMember.objects.get(section=section, product=product)

    ProductCard.objects.filter(pk=product.pk).update(price_from_fen=1)
    membership.refresh([product.pk], now=now)

    after = SectionMember.objects.get(section=section, product=product)
    assert (after.rank, after.price_from_fen) == (before.rank, 1)
    assert before.rank == RULE_BASE - int(product.published_at.timestamp() * 1000)


def test_a_pin_stands_first_and_goes_back_to_its_place(shop, now):
    section = a_section(regions=["420000"])
    product = a_product(shop)
    deliver_all(now)
    place = SectionMember.objects.get(product=product).rank

    pin = pins.pin(section, product.reference, position=None, actor=SYSTEM, now=now)
    assert SectionMember.objects.get(product=product).rank == pin.position == 1
    pins.pin(section, product.reference, position=9, actor=SYSTEM, now=now)
    assert SectionMember.objects.get(product=product).rank == 9
    pins.unpin(section, product.reference, now=now)

    assert SectionMember.objects.get(product=product).rank == place


@pytest.mark.parametrize("rule", [{"regions": ["420000"]}, {"programmes": ["832"]}])
def test_what_comes_from_elsewhere_cannot_be_pinned(shop, now, rule):
    section = a_section(**rule)
    product = a_product(shop, origin="310101")

    with pytest.raises(pins.SectionOriginMismatch):
        pins.pin(section, product.reference, position=None, actor=SYSTEM, now=now)

    assert not section.pins.exists()


def test_a_pin_may_be_of_another_category(shop, now):
    section = a_section(regions=["420000"], categories=[a_category("kiwifruit").pk])
    product = a_product(shop, category=a_category("citrus"))

    pins.pin(section, product.reference, position=None, actor=SYSTEM, now=now)

    assert _held(section) == {product.pk}


def test_prices_are_told_the_open_sections_of_products_in_one_statement(shop, now, queries_of):
    hall, other = a_section(regions=["420000"]), a_section(regions=["420500"])
    a_section(regions=["420000"], opens_at=now + timedelta(days=1))
    product, elsewhere = a_product(shop), a_product(shop, origin="310101")
    deliver_all(now)
    ProductCard.objects.filter(pk=product.pk).update(in_stock=False)
    membership.refresh_everything(now)
    told = {}

    statements = queries_of(
        lambda: told.update(sections_of_products.sections_of([product.pk, elsewhere.pk], now=now))
    )

    # What has sold out for the moment belongs where it belonged.
    assert told == {product.pk: [hall.pk, other.pk]}
    assert statements == 1


def test_the_first_sections_are_opened_once(now):
    assert sections.open_defaults(now) == ["hubei", "832"]
    assert sections.open_defaults(now) == []

    assert Delivery.objects.filter(consumer__endswith="fill_section").count() == 2
    opened = sections_of_products.by_slugs(["hubei", "832", "no-such"])
    assert {slug: section.state for slug, section in opened.items()} == {
        "hubei": "OPEN",
        "832": "OPEN",
    }
