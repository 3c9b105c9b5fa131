"""The figures of domain 2.6, to the fen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.regions import codes
from logistics.freight.domain import checking
from logistics.freight.domain.tariff import (
    Cargo,
    Charge,
    ChargeBy,
    Combine,
    FreeRule,
    Mode,
    Tariff,
    charge_of,
    combine,
)
from tests.factories.freight import EGGS, FREE_OVER_99, ORANGES, a_rule

SHANGHAI, WUHAN, HOHHOT, LHASA, URUMQI = "310101", "420102", "150102", "540102", "650102"
ZIGUI, XIANTAO = "420527", "429004"


def fee(tariff, region, gross_g=0, pieces=1, goods_fen=0):
    charge = charge_of(tariff, Cargo(gross_g, pieces, goods_fen), codes.ancestors(region))
    return None if charge is None else combine([charge])[0]


@pytest.mark.parametrize(
    ("region", "fee_fen"),
    [
        (SHANGHAI, 2_600),
        (WUHAN, 1_300),
        (XIANTAO, 1_300),
        (HOHHOT, 10_500),
        (LHASA, None),
        (URUMQI, None),
    ],
)
def test_two_boxes_of_4_9_kg_cost_what_the_worked_example_says(region, fee_fen):
    assert fee(ORANGES, region, gross_g=9_800) == fee_fen


@pytest.mark.parametrize(
    ("gross_g", "fee_fen"), [(1, 800), (999, 800), (1_000, 800), (1_001, 1_000), (2_000, 1_000)]
)
def test_a_begun_unit_counts_in_full_and_below_the_first_the_first_fee_is_paid(gross_g, fee_fen):
    assert fee(ORANGES, SHANGHAI, gross_g=gross_g) == fee_fen


def test_eggs_beside_the_oranges_pay_one_first_fee_or_each_their_own():
    ancestors = codes.ancestors(SHANGHAI)
    charges = [
        charge_of(ORANGES, Cargo(9_800, 2, 0), ancestors),
        charge_of(EGGS, Cargo(1_200, 2, 0), ancestors),
    ]

    assert combine(charges, Combine.MAX_FIRST) == [2_000, 1_300]
    assert combine(charges, Combine.SUM) == [2_600, 1_300]


def test_the_most_specific_region_decides_be_it_a_fee_or_a_refusal():
    tariff = replace(
        ORANGES,
        rules=(
            *ORANGES.rules,
            a_rule(first_fee_fen=500, regions=["420500"]),
            a_rule(first_fee_fen=300, regions=["420527"]),
            a_rule(first_fee_fen=2_000, regions=["650100"]),
        ),
        no_ship_regions=frozenset({"540000", "650000", "420528"}),
    )

    assert fee(tariff, ZIGUI, gross_g=1) == 300
    assert fee(tariff, "420502", gross_g=1) == 500
    assert fee(tariff, WUHAN, gross_g=1) == 600
    assert fee(tariff, "420528", gross_g=1) is None
    assert fee(tariff, URUMQI, gross_g=1) == 2_000
    assert fee(tariff, "652101", gross_g=1) is None


@pytest.mark.parametrize(
    ("region", "cargo", "is_free"),
    [
        (SHANGHAI, Cargo(5_000, 1, 9_899), False),
        (SHANGHAI, Cargo(5_000, 1, 9_900), True),
        (SHANGHAI, Cargo(19_999, 1, 100), False),
        (SHANGHAI, Cargo(20_000, 1, 100), True),
        (WUHAN, Cargo(20_000, 1, 100), False),
        (WUHAN, Cargo(5_000, 2, 5_000), True),
        (WUHAN, Cargo(5_000, 2, 4_999), False),
        (WUHAN, Cargo(5_000, 1, 5_000), False),
        (SHANGHAI, Cargo(5_000, 2, 5_000), False),
    ],
)
def test_free_shipping_needs_all_conditions_of_one_rule(region, cargo, is_free):
    charge = charge_of(FREE_OVER_99, cargo, codes.ancestors(region))

    assert (combine([charge]) == [0]) is is_free


def test_a_free_template_still_does_not_send_everywhere():
    tariff = Tariff(ChargeBy.WEIGHT, Mode.FREE, no_ship_regions=frozenset({"650000"}))

    assert fee(tariff, SHANGHAI, gross_g=50_000) == 0
    assert fee(tariff, URUMQI, gross_g=1) is None


def test_what_travels_free_takes_no_part_in_the_one_first_fee():
    free = Charge(None, 5_000)
    paid = Charge(a_rule(), 2_000)

    assert combine([free, paid]) == [0, 1_000]
    assert combine([]) == []


quantities = st.integers(1, 2_000_000)
rules = st.builds(
    a_rule,
    first_unit=st.integers(1, 10_000),
    first_fee_fen=st.integers(0, 10_000),
    add_unit=st.integers(1, 10_000),
    add_fee_fen=st.integers(0, 10_000),
)


@given(rules, quantities, quantities)
def test_more_never_costs_less(rule, quantity, more):
    assert rule.fee_fen(quantity) <= rule.fee_fen(quantity + more)


@given(rules, quantities)
def test_the_fee_is_the_first_one_and_every_begun_unit_after_it(rule, quantity):
    added = rule.fee_fen(quantity) - rule.first_fee_fen
    units, rest = divmod(added, rule.add_fee_fen) if rule.add_fee_fen else (0, 0)

    assert rest == 0
    if rule.add_fee_fen:
        covered = rule.first_unit + units * rule.add_unit
        assert covered >= quantity
        assert units == 0 or covered - rule.add_unit < quantity


@given(st.lists(st.tuples(rules, quantities), min_size=1, max_size=6))
def test_one_first_fee_is_the_highest_and_the_order_of_templates_does_not_matter(pairs):
    charges = [Charge(rule, quantity) for rule, quantity in pairs]

    parts = combine(charges)

    highest = max(rule.first_fee_fen for rule, _ in pairs)
    full = [
        part
        for part, charge in zip(parts, charges, strict=True)
        if part == charge.rule.fee_fen(charge.quantity) and charge.rule.first_fee_fen == highest
    ]
    assert full
    assert sum(combine(charges[::-1])) == sum(parts)
    assert min(parts) >= 0


@pytest.mark.parametrize(
    ("tariff", "faults"),
    [
        (ORANGES, []),
        (FREE_OVER_99, []),
        (replace(ORANGES, rules=ORANGES.rules[1:]), [("/rules", "DEFAULT_MISSING")]),
        (replace(EGGS, rules=()), [("/rules", "DEFAULT_MISSING")]),
        (
            replace(EGGS, rules=(a_rule(), a_rule())),
            [("/rules/1/regions", "DEFAULT_TWICE")],
        ),
        (
            replace(ORANGES, no_ship_regions=frozenset({"420000"})),
            [("/rules/1/regions", "REGION_TWICE")],
        ),
        (replace(EGGS, mode=Mode.FREE), [("/rules", "FREE_HAS_NO_RULES")]),
        (replace(EGGS, mode=Mode.CONDITIONAL), [("/free_rules", "CONDITION_MISSING")]),
        (
            replace(FREE_OVER_99, free_rules=(FreeRule(frozenset()),)),
            [("/free_rules/0", "CONDITION_MISSING")],
        ),
        (replace(FREE_OVER_99, mode=Mode.PAID), [("/free_rules", "NOT_CONDITIONAL")]),
    ],
)
def test_what_is_wrong_with_a_template_is_said_value_by_value(tariff, faults):
    assert [(fault.pointer, fault.code) for fault in checking.faults_of(tariff)] == faults
