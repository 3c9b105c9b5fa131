"""The partial-refund figures of domain 2.2."""

from marketplace.coupons.domain import refunds
from marketplace.coupons.domain.refunds import KindShare

B1 = {
    "unit_sale_fen": 6800,
    "quantity": 2,
    "paid_fen": 11671,
    "kinds": [KindShare("PLATFORM_COUPON", {"PLATFORM": 1350, "SHOP": 579})],
}


def test_b1_goes_back_one_unit_then_the_other():
    first = refunds.refund_of(**B1, refunded=0, units=1)
    second = refunds.refund_of(**B1, refunded=1, units=1)

    assert (first.paid_fen, second.paid_fen) == (5835, 5836)
    assert (first.discount_fen, second.discount_fen) == (965, 964)
    assert first.by_kind["PLATFORM_COUPON"] == {"PLATFORM": 675, "SHOP": 290}
    assert second.by_kind["PLATFORM_COUPON"] == {"PLATFORM": 675, "SHOP": 289}
    assert first.paid_fen + first.discount_fen == second.paid_fen + second.discount_fen == 6800


def test_a_whole_line_goes_back_as_it_was_paid():
    whole = refunds.refund_of(**B1, refunded=0, units=2)

    assert whole.paid_fen == 11671
    assert whole.by_kind == {"PLATFORM_COUPON": {"PLATFORM": 1350, "SHOP": 579}}


def test_a_line_without_a_discount_goes_back_at_its_price():
    plain = {**B1, "paid_fen": 13600, "kinds": []}

    assert refunds.refund_of(**plain, refunded=1, units=1).paid_fen == 6800
