"""What sending costs, shop by shop and line by line."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core import reconciling
from logistics.freight.domain.tariff import Combine
from logistics.freight.selectors import quoting
from logistics.freight.selectors.quoting import Freight, Load
from shops.catalogue.services import publication
from tests.factories.freight import EGGS, FREE_OVER_99, ORANGES, a_template
from tests.factories.storefronts import a_shop

pytestmark = pytest.mark.django_db
SHANGHAI, WUHAN, LHASA = "310101", "420102", "540102"
NOW = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


def a_load(shop, template, key="line", gross_g=9_800, pieces=2, goods_fen=0, temp="AMBIENT"):
    reference = str(template.reference) if template else None
    return Load(key, shop.pk, reference, temp, gross_g, pieces, goods_fen)


def test_lines_share_the_fee_by_what_it_was_charged_for():
    shop = a_shop()
    template = a_template(shop)
    loads = [a_load(shop, template, "a", 9_800), a_load(shop, template, "b", 3_100)]

    freight = quoting.quote(loads, region=WUHAN, now=NOW)

    assert freight == {shop.pk: Freight(1_600, deliverable=True, by_key={"a": 1_216, "b": 384})}


def test_two_templates_of_one_shop_pay_one_first_fee():
    shop = a_shop()
    oranges, eggs = a_template(shop), a_template(shop, EGGS)
    loads = [a_load(shop, oranges, "oranges"), a_load(shop, eggs, "eggs", 1_200)]

    assert quoting.quote(loads, region=SHANGHAI, now=NOW)[shop.pk] == Freight(
        3_300, deliverable=True, by_key={"oranges": 2_000, "eggs": 1_300}
    )
    assert quoting.quote(loads, region=SHANGHAI, now=NOW, how=Combine.SUM)[shop.pk].fee_fen == 3_900


def test_another_temperature_class_is_another_parcel_and_always_adds_up():
    shop = a_shop()
    oranges, eggs = a_template(shop), a_template(shop, EGGS)
    loads = [
        a_load(shop, oranges, "oranges"),
        a_load(shop, eggs, "eggs", 1_200, temp="CHILLED"),
        a_load(shop, oranges, "juice", 1_000, temp="CHILLED"),
    ]

    # Chilled: eggs 10.00 + 3.00, juice one added unit of 2.00; ambient: oranges 26.00.
    assert quoting.quote(loads, region=SHANGHAI, now=NOW)[shop.pk] == Freight(
        4_100, deliverable=True, by_key={"oranges": 2_600, "eggs": 1_300, "juice": 200}
    )


def test_shops_are_charged_each_by_its_own_and_no_template_is_free():
    first, second, third = a_shop(), a_shop(), a_shop()
    loads = [
        a_load(first, a_template(first), "a"),
        a_load(second, a_template(second, FREE_OVER_99), "b", 3_000, 1, 9_900),
        a_load(third, None, "c"),
    ]

    freight = quoting.quote(loads, region=SHANGHAI, now=NOW)

    assert {shop_id: one.fee_fen for shop_id, one in freight.items()} == {
        first.pk: 2_600,
        second.pk: 0,
        third.pk: 0,
    }
    assert all(one.deliverable for one in freight.values())


def test_a_shop_that_does_not_send_there_says_so_and_the_others_still_quote():
    first, second = a_shop(), a_shop()
    loads = [
        a_load(first, a_template(first), "a"),
        a_load(first, None, "b"),
        a_load(second, a_template(second, EGGS), "c"),
    ]

    freight = quoting.quote(loads, region=LHASA, now=NOW)

    assert freight[first.pk] == Freight(0, deliverable=False, by_key={})
    assert freight[second.pk].deliverable


def test_a_template_of_another_shop_or_of_nobody_does_not_deliver():
    shop, other = a_shop(), a_shop()
    unknown = Load("b", other.pk, str(uuid4()), "AMBIENT", 1, 1, 1)

    freight = quoting.quote(
        [a_load(shop, a_template(other), "a"), unknown], region=SHANGHAI, now=NOW
    )

    assert not freight[shop.pk].deliverable
    assert not freight[other.pk].deliverable


@pytest.mark.parametrize(
    ("hours", "promised"),
    [((24,), 24), ((24, 72), 72), ((24, None), 48), ((None,), 48)],
)
def test_the_longest_promise_of_a_shops_goods_counts_and_48_hours_without_a_template(
    hours, promised
):
    shop, other = a_shop(), a_shop()
    loads = [
        a_load(shop, one and a_template(shop, promise_hours=one), f"line{place}")
        for place, one in enumerate(hours)
    ]
    far = a_load(other, a_template(other, promise_hours=120), "other")

    freight = quoting.quote([*loads, far], region=SHANGHAI, now=NOW)

    assert (freight[shop.pk].promise_hours, freight[other.pk].promise_hours) == (promised, 120)


def test_quoting_costs_one_statement_however_many_shops(queries_of):
    shops = [a_shop() for _ in range(4)]
    loads = [
        a_load(shop, a_template(shop, tariff), f"{shop.pk}{tariff.charge_by}")
        for shop in shops
        for tariff in (ORANGES, EGGS)
    ]

    assert queries_of(lambda: quoting.quote(loads[:1], region=SHANGHAI, now=NOW)) == 1
    assert queries_of(lambda: quoting.quote(loads, region=SHANGHAI, now=NOW)) == 1
    # Even what travels free may be held back.
    free = [a_load(shops[0], None)]
    assert queries_of(lambda: quoting.quote(free, region=SHANGHAI, now=NOW)) == 1


def test_the_catalogue_can_ask_whether_a_shop_has_a_template():
    shop, other = a_shop(), a_shop()
    template = a_template(shop)

    assert publication.has_template(shop.pk, template.reference)
    assert not publication.has_template(other.pk, template.reference)
    assert not publication.has_template(shop.pk, uuid4())


def test_a_template_that_lost_its_default_is_reported():
    template = a_template(a_shop())
    promise = ["freight.charging_templates_have_a_default"]
    assert reconciling.run(promise)[0].is_held

    template.rules.filter(regions=[]).delete()

    (finding,) = reconciling.run(promise)[0].findings
    assert finding.subject == f"template {template.pk}"
