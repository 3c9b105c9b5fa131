"""The sums of pre-sales; the example of domain.md 2.5."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.coupons.domain.discounts import CouponTerms, Funding, PricedLine, Scope
from marketplace.coupons.domain.kinds import CouponKind, Funder, Issuer
from orders.placement.domain import pricing, refunding
from orders.placement.domain.pricing import ShopFreight
from orders.placement.domain.refunding import Borne
from orders.presales.domain import arithmetic
from orders.presales.domain.states import DefaultRule


def test_the_example_of_the_domain():
    due = arithmetic.instalments(price_fen=8_800, quantity=1, deposit_fen=1_000, worth_fen=2_000)

    assert (due.deposit_fen, due.balance_fen, due.total_fen, due.discount_fen) == (
        1_000,
        6_800,
        7_800,
        1_000,
    )


def test_a_deposit_is_a_fifth_at_most_of_what_a_piece_costs_in_all():
    assert arithmetic.deposit_max_fen(8_800, 0) == 1_760
    assert arithmetic.deposit_max_fen(8_800, 1_000) == 1_560
    assert arithmetic.deposit_max_fen(100, 200) == 0


def test_a_forecast_promises_its_share_and_no_gram_more():
    assert arithmetic.promised_max_g(3_000, 8_000) == 2_400
    assert arithmetic.promised_max_g(3, 9_999) == 2


def test_a_default_brings_the_deposit_once_more_or_what_was_agreed():
    assert arithmetic.compensation_fen(DefaultRule.DOUBLE, 1_000, 0) == 1_000
    assert arithmetic.compensation_fen(DefaultRule.SINGLE, 1_000, 300) == 300


def a_coupon(amount_fen):
    return CouponTerms(
        coupon_reference="C",
        batch_id=1,
        issuer=Issuer.PLATFORM,
        kind=CouponKind.DIRECT,
        amount_fen=amount_fen,
        scope=Scope(),
        funding=(Funding(Funder.PLATFORM, 10_000),),
        allow_on_activity_price=True,
    )


@st.composite
def pieces(draw):
    """Return price, deposit, worth and quantity of a pre-sale as shops may plan it."""
    price_fen = draw(st.integers(10, 100_000))
    more_fen = draw(st.integers(0, price_fen // 2))
    deposit_fen = draw(st.integers(1, max(arithmetic.deposit_max_fen(price_fen, more_fen), 1)))
    return price_fen, deposit_fen, deposit_fen + more_fen, draw(st.integers(1, 20))


def line_of(price_fen, deposit_fen, worth_fen, quantity):
    return PricedLine(
        key="sku",
        shop_id=1,
        sku_id=1,
        product_id=1,
        category_path=(1,),
        origin_codes=("420527",),
        section_ids=(),
        programmes=(),
        amount_fen=price_fen * quantity,
        sale_fen=price_fen * quantity,
        quantity=quantity,
        is_on_activity_price=True,
        deposit_fen=deposit_fen * quantity,
        deposit_worth_fen=worth_fen * quantity,
    )


@given(pieces(), st.integers(0, 5_000), st.integers(1, 300_000))
def test_the_pipeline_and_the_formula_say_the_same(piece, freight_fen, coupon_fen):
    price_fen, deposit_fen, worth_fen, quantity = piece
    coupon = a_coupon(coupon_fen)
    freight = {1: ShopFreight(freight_fen, {"sku": freight_fen})}

    found = pricing.price([line_of(*piece)], [coupon], lambda _: freight)

    (line,) = found.lines()
    off_fen = sum(off.amount_fen for off in line.discounts if off.coupon_reference)
    due = arithmetic.instalments(
        price_fen=price_fen,
        quantity=quantity,
        deposit_fen=deposit_fen,
        worth_fen=worth_fen,
        freight_fen=freight_fen,
        coupons_fen=off_fen,
    )
    assert found.deposit_fen == due.deposit_fen
    assert found.payable_fen - found.deposit_fen == due.balance_fen >= freight_fen
    assert found.payable_fen == due.total_fen
    assert line.sale_fen == line.paid_fen + sum(off.amount_fen for off in line.discounts)
    # Coupons take all of the balance at most, and never reach the deposit.
    assert off_fen == min(coupon_fen, (price_fen - worth_fen) * quantity)
    assert line.paid_fen >= line.deposit_fen


@given(pieces(), st.integers(1, 50_000), st.data())
def test_a_partial_refund_is_worth_what_was_sold_at_every_step(piece, coupon_fen, data):
    price_fen, _, _, quantity = piece
    coupon = a_coupon(coupon_fen)
    (line,) = pricing.price([line_of(*piece)], [coupon], lambda _: {}).lines()
    borne = [
        Borne(off.step, share.funder, share.amount_fen)
        for off in line.discounts
        for share in off.funders
    ]
    refunded, back_fen = 0, 0

    while refunded < quantity:
        units = data.draw(st.integers(1, quantity - refunded))
        found = refunding.of_units(
            unit_sale_fen=price_fen,
            quantity=quantity,
            paid_fen=line.paid_fen,
            borne=borne,
            refunded=refunded,
            units=units,
        )
        assert found.paid_fen + found.discount_fen == price_fen * units
        refunded, back_fen = refunded + units, back_fen + found.paid_fen
    assert back_fen == line.paid_fen
