"""What goes back for a part of a line, whatever was taken off it."""

from orders.placement.domain import refunding
from orders.placement.domain.refunding import Borne

# B1 of worked example A (`domain.md` 2.2).
B1 = {
    "unit_sale_fen": 6_800,
    "quantity": 2,
    "paid_fen": 11_671,
    "borne": [
        Borne("PLATFORM_COUPON", "SHOP", 579),
        Borne("PLATFORM_COUPON", "PLATFORM", 1_350),
        Borne("PLATFORM_FREIGHT", "PLATFORM", 77),
    ],
}


def test_b1_goes_back_one_unit_then_the_other():
    first = refunding.of_units(**B1, refunded=0, units=1)
    second = refunding.of_units(**B1, refunded=1, units=1)

    assert (first.paid_fen, second.paid_fen) == (5_835, 5_836)
    assert first.by_kind == {"PLATFORM_COUPON": {"PLATFORM": 675, "SHOP": 290}}
    assert second.by_kind == {"PLATFORM_COUPON": {"PLATFORM": 675, "SHOP": 289}}


def test_the_steps_come_in_the_order_of_the_pipeline_however_they_are_told():
    line = {"unit_sale_fen": 1_000, "quantity": 3, "paid_fen": 2_000}
    borne = [
        Borne("PLATFORM_COUPON", "PLATFORM", 300),
        Borne("SHOP_COUPON", "SHOP", 200),
        Borne("SHOP_REDUCTION", "SHOP", 500),
    ]

    told = refunding.of_units(**line, borne=borne, refunded=0, units=1)
    again = refunding.of_units(**line, borne=borne[::-1], refunded=0, units=1)

    assert list(told.by_kind) == ["SHOP_REDUCTION", "SHOP_COUPON", "PLATFORM_COUPON"]
    assert told == again
    # 10.00 - 6.66 = 3.34: of it 1.67, of the rest two fifths, and what remains.
    assert told.by_kind == {
        "SHOP_REDUCTION": {"SHOP": 167},
        "SHOP_COUPON": {"SHOP": 66},
        "PLATFORM_COUPON": {"PLATFORM": 101},
    }


FREIGHT = {
    "fee_fen": 1_600,
    "paid_fen": 600,
    "borne": [
        Borne("PLATFORM_FREIGHT", "PLATFORM", 700),
        Borne("PLATFORM_FREIGHT", "SHOP", 300),
        Borne("SHOP_COUPON", "SHOP", 5),
    ],
}


def test_all_of_the_freight_goes_back_to_whoever_bore_it():
    whole = refunding.of_freight(**FREIGHT, refunded_fen=0, fen=1_600)

    assert (whole.paid_fen, whole.by_kind) == (
        600,
        {"PLATFORM_FREIGHT": {"PLATFORM": 700, "SHOP": 300}},
    )


def test_a_part_of_the_freight_gives_each_its_part():
    # 30 % of the damage: 4.80 of 16.00.
    part = refunding.of_freight(**FREIGHT, refunded_fen=0, fen=480)
    rest = refunding.of_freight(**FREIGHT, refunded_fen=480, fen=1_120)

    assert (part.paid_fen, part.by_kind) == (
        180,
        {"PLATFORM_FREIGHT": {"PLATFORM": 210, "SHOP": 90}},
    )
    assert rest.paid_fen == 420
    assert rest.by_kind == {"PLATFORM_FREIGHT": {"PLATFORM": 490, "SHOP": 210}}


def test_free_freight_has_nothing_to_give_back():
    nothing = refunding.of_freight(fee_fen=0, paid_fen=0, borne=[], refunded_fen=0, fen=0)

    assert (nothing.paid_fen, nothing.discount_fen) == (0, 0)
