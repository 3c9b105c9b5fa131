"""Orders of pre-sales from the deposit to the parcel, or to the end of their time."""

from datetime import timedelta

import pytest

from core import reconciling
from core.audit.actors import SYSTEM
from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from marketplace.coupons.models import UserCoupon
from marketplace.coupons.services import voiding
from orders.payments.models import Payment, Refund
from orders.payments.providers.protocol import ProviderUnavailable
from orders.payments.providers.registry import SandboxWallet
from orders.payments.services import closing, paying, refunding
from orders.placement.models import ShopOrder
from orders.presales.services import placing, timing
from orders.reports.selectors import sales
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_coupon
from tests.factories.freight import a_template
from tests.factories.groupbuys import at_the_desk
from tests.factories.payments import a_payment, call_back
from tests.factories.presales import (
    BALANCE_FEN,
    BALANCE_FROM,
    BALANCE_UNTIL,
    DAY,
    DEPOSIT_FEN,
    SHIP_FROM,
    TEN,
    WHOLE,
    a_presale,
    fresh,
    paid,
    preordered,
    with_balance,
    with_deposit,
)
from tests.factories.storefronts import open_shop
from tests.factories.wishes import a_wish
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def broken():
    return [result.name for result in reconciling.run(reconciling.names()) if not result.is_held]


def state(preorder):
    found = fresh(preorder)
    (part,) = ShopOrder.objects.filter(order=found.order)
    return found.state, found.order.state, part.state


def left_of(preorder):
    quota_id = preorder.terms.activity.quota_id
    return availability.left([quota_id])[quota_id]


def money(kind):
    return sum(balances.balances(kind).values())


def refunds():
    rows = Refund.objects.order_by("reason", "pk")
    return list(rows.values_list("reason", "state", "amount_fen"))


def end_of_day(now):
    deliver_all(now)
    refunding.send_due(now=now)
    deliver_all(now)


def a_direct(shop, amount_fen):
    """Return a batch of coupons of a shop that also count on activity prices."""
    return a_batch(
        shop,
        kind="DIRECT",
        amount_fen=amount_fen,
        threshold_fen=None,
        allow_on_activity_price=True,
    )


def sold(now):
    days = sales.Days((now - 40 * DAY).date(), (now + 2 * DAY).date())
    return sales.total(days, None)


# --- In two steps ---------------------------------------------------------------------------------


def test_the_example_of_the_domain_costs_78_in_two_payments():
    preorder = with_deposit()
    assert state(preorder) == ("DEPOSIT_PAID", "PENDING_PAYMENT", "WAIT_BALANCE")
    assert (money(AccountKind.DEPOSIT_HELD), money(AccountKind.SHOP_PAYABLE)) == (-DEPOSIT_FEN, 0)

    timing.keep_time(now=BALANCE_FROM)
    assert state(preorder)[0] == "BALANCE_DUE"
    paid(preorder.order, BALANCE_FROM)

    assert state(preorder) == ("PAID", "PAID", "PAID")
    rows = Payment.objects.order_by("pk").values_list("instalment", "amount_fen", "verdict")
    assert list(rows) == [
        ("DEPOSIT", DEPOSIT_FEN, "APPLIED"),
        ("BALANCE", BALANCE_FEN, "APPLIED"),
    ]
    assert money(AccountKind.DEPOSIT_HELD) == 0
    assert money(AccountKind.SHOP_PAYABLE) == -(DEPOSIT_FEN + BALANCE_FEN)
    (line,) = fresh(preorder).order.shop_orders.get().lines.all()
    assert (line.sale_fen, line.paid_fen, line.deposit_fen) == (8_800, 7_800, 1_000)
    assert list(line.discounts.values_list("kind", "funder", "amount_fen")) == [
        ("DEPOSIT_WORTH", "SHOP", 1_000)
    ]
    assert broken() == []


def test_a_deposit_is_no_sale_and_sends_nothing():
    preorder = with_deposit()
    deliver_all(BALANCE_FROM)

    assert (sold(BALANCE_FROM).orders, sold(BALANCE_FROM).net_weight_g) == (0, 0)
    assert state(preorder)[2] == "WAIT_BALANCE"

    paid(preorder.order, BALANCE_FROM)
    assert sold(BALANCE_FROM).orders == 1


def test_what_is_paid_goes_when_its_time_has_come_and_not_before():
    preorder = with_balance()
    timing.keep_time(now=SHIP_FROM - SECOND)
    deliver_all(SHIP_FROM - SECOND)
    assert state(preorder) == ("PAID", "PAID", "PAID")

    timing.keep_time(now=SHIP_FROM)
    timing.keep_time(now=SHIP_FROM)
    deliver_all(SHIP_FROM)

    assert state(preorder) == ("TO_SHIP", "PAID", "TO_SHIP")
    assert broken() == []


def test_coupons_take_from_the_balance_only_and_freight_is_part_of_it():
    shop = open_shop()
    product = a_product(shop, price_fen=9_900, freight_template=a_template(shop).reference)
    buyer = a_user()
    batch = a_direct(product.shop, 9_000)
    coupon = a_coupon(buyer, batch, TEN)
    preorder = with_deposit(a_presale(product), buyer, coupons=(coupon,))
    order = preorder.order

    # 90.00 off a balance of 68.00: the deposit is out of its reach, the freight too.
    assert order.deposit_fen == DEPOSIT_FEN
    assert order.balance_fen == order.freight_fen > 0
    assert UserCoupon.objects.get().state == "LOCKED"
    paid(order, BALANCE_FROM)
    assert state(preorder)[0] == "PAID"
    assert UserCoupon.objects.get().state == "USED"
    assert broken() == []


def test_a_deposit_that_leaves_nothing_to_pay_pays_the_order():
    product = a_product(price_fen=9_900)
    buyer = a_user()
    batch = a_direct(product.shop, 9_000)
    preorder = with_deposit(a_presale(product), buyer, coupons=(a_coupon(buyer, batch, TEN),))

    assert preorder.order.balance_fen == 0
    assert state(preorder) == ("PAID", "PAID", "PAID")
    assert broken() == []


def test_whoever_changes_their_mind_after_the_balance_gets_both_payments_back():
    preorder = with_deposit()
    paid(preorder.order, BALANCE_FROM, provider="sandbox_card")

    closing.cancel(
        buyer_id=preorder.order.buyer_id,
        order_reference=preorder.order.reference,
        now=BALANCE_FROM + MINUTE,
    )
    end_of_day(BALANCE_FROM + MINUTE)

    assert state(preorder) == ("REFUNDED", "CLOSED", "CLOSED")
    assert refunds() == [
        ("ORDER_CANCELLED", "SUCCEEDED", DEPOSIT_FEN),
        ("ORDER_CANCELLED", "SUCCEEDED", BALANCE_FEN),
    ]
    for kind in (AccountKind.REFUND_CLEARING, AccountKind.PROVIDER_CLEARING):
        assert set(balances.balances(kind).values()) == {0}
    assert left_of(preorder) == 20
    assert broken() == []


# --- Who does not pay -----------------------------------------------------------------------------


def test_an_unpaid_deposit_expires_as_any_order():
    preorder = preordered()

    closing.close_overdue(now=preorder.order.pay_before)

    assert state(preorder) == ("CANCELLED", "CANCELLED", "CANCELLED")
    assert (left_of(preorder), money(AccountKind.DEPOSIT_HELD)) == (20, 0)
    assert broken() == []


def test_a_deposit_is_the_shops_when_the_balance_window_is_over():
    preorder = with_deposit()
    closing.close_overdue(now=BALANCE_UNTIL - SECOND)
    assert state(preorder)[0] == "DEPOSIT_PAID"

    closing.close_overdue(now=BALANCE_UNTIL)
    end_of_day(BALANCE_UNTIL)

    assert state(preorder) == ("FORFEITED", "CANCELLED", "CANCELLED")
    assert (money(AccountKind.DEPOSIT_HELD), money(AccountKind.SHOP_PAYABLE)) == (0, -DEPOSIT_FEN)
    assert (refunds(), left_of(preorder)) == ([], 20)
    assert sold(BALANCE_UNTIL).orders == 0
    assert broken() == []


@pytest.mark.parametrize("stamp", [BALANCE_UNTIL - SECOND, BALANCE_UNTIL])
@pytest.mark.parametrize("is_swept_first", [True, False])
def test_a_balance_counts_by_the_providers_time_whenever_we_hear_of_it(stamp, is_swept_first):
    preorder = with_deposit()
    balance = a_payment(preorder.order, now=BALANCE_UNTIL - 2 * SECOND)
    at_the_desk(balance, stamp)

    if is_swept_first:
        closing.close_overdue(now=BALANCE_UNTIL + MINUTE)
    call_back(balance, now=BALANCE_UNTIL + MINUTE, captured_at=stamp.isoformat())
    closing.close_overdue(now=BALANCE_UNTIL + 2 * MINUTE)
    end_of_day(BALANCE_UNTIL + 2 * MINUTE)

    in_time = stamp < BALANCE_UNTIL
    assert state(preorder)[0] == ("PAID" if in_time else "FORFEITED")
    late = [("LATE_PAYMENT", "SUCCEEDED", BALANCE_FEN)]
    assert refunds() == ([] if in_time else late)
    assert broken() == []


def test_a_late_balance_does_not_cost_the_one_that_came_in_time():
    preorder = with_deposit()
    late = a_payment(preorder.order, now=BALANCE_UNTIL - SECOND)
    timely = a_payment(preorder.order, now=BALANCE_UNTIL - SECOND, provider="sandbox_card")
    at_the_desk(timely, BALANCE_UNTIL - SECOND)
    at_the_desk(late, BALANCE_UNTIL + SECOND)

    call_back(
        late, now=BALANCE_UNTIL + 2 * SECOND, captured_at=(BALANCE_UNTIL + SECOND).isoformat()
    )
    closing.close_overdue(now=BALANCE_UNTIL + MINUTE)
    end_of_day(BALANCE_UNTIL + MINUTE)

    assert state(preorder)[0] == "PAID"
    assert refunds() == [("LATE_PAYMENT", "SUCCEEDED", BALANCE_FEN)]
    assert broken() == []


def test_nothing_is_forfeited_while_the_provider_does_not_answer(monkeypatch):
    preorder = with_deposit()
    a_payment(preorder.order, now=BALANCE_FROM)

    def silent(*_, **__):
        raise ProviderUnavailable

    with monkeypatch.context() as down:
        down.setattr(SandboxWallet, "close", silent)
        closing.close_overdue(now=BALANCE_UNTIL + MINUTE)
        assert state(preorder)[0] == "DEPOSIT_PAID"

    closing.close_overdue(now=BALANCE_UNTIL + 20 * MINUTE)
    assert state(preorder)[0] == "FORFEITED"
    assert broken() == []


def test_a_deposit_that_is_heard_of_after_the_balance_window_binds_nobody():
    preorder = preordered()
    deposit = a_payment(preorder.order, now=TEN)
    at_the_desk(deposit, TEN)

    call_back(deposit, now=BALANCE_UNTIL, captured_at=TEN.isoformat())
    end_of_day(BALANCE_UNTIL)

    assert state(preorder)[0] == "CANCELLED"
    assert refunds() == [("LATE_PAYMENT", "SUCCEEDED", DEPOSIT_FEN)]
    assert broken() == []


def test_a_deposit_does_not_come_back_by_cancelling():
    preorder = with_deposit()
    order = preorder.order

    with pytest.raises(closing.DepositStays):
        closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=TEN + DAY)

    assert state(preorder)[0] == "DEPOSIT_PAID"


def test_a_balance_cannot_be_paid_before_its_window():
    preorder = with_deposit()

    with pytest.raises(paying.BalanceNotDue):
        a_payment(preorder.order, now=BALANCE_FROM - SECOND)
    with pytest.raises(paying.PaymentWindowOver):
        a_payment(preorder.order, now=BALANCE_UNTIL)


def test_two_deposits_by_mistake_are_one_deposit_and_a_refund():
    preorder = preordered()
    tabs = [
        a_payment(preorder.order, now=TEN, provider=name) for name in ("sandbox", "sandbox_card")
    ]
    for tab in tabs:
        at_the_desk(tab, TEN)
        call_back(tab, now=TEN)
    end_of_day(TEN)

    assert refunds() == [("DUPLICATE_PAYMENT", "SUCCEEDED", DEPOSIT_FEN)]
    assert state(preorder)[0] == "DEPOSIT_PAID"
    assert broken() == []


def test_a_coupon_that_is_voided_meanwhile_costs_nobody_the_deposit():
    product = a_product(price_fen=9_900)
    buyer = a_user()
    batch = a_direct(product.shop, 500)
    coupon = a_coupon(buyer, batch, TEN)
    preorder = with_deposit(a_presale(product), buyer, coupons=(coupon,))

    voiding.void(coupon.reference, reason="试", actor=SYSTEM, now=TEN + DAY)
    deliver_all(TEN + DAY)
    closing.close_overdue(now=TEN + DAY)
    end_of_day(TEN + DAY)

    assert state(preorder)[0] == "REFUNDED"
    assert refunds() == [("ORDER_CANCELLED", "SUCCEEDED", DEPOSIT_FEN)]
    assert money(AccountKind.SHOP_PAYABLE) == money(AccountKind.DEPOSIT_HELD) == 0
    assert broken() == []


# --- All at once ----------------------------------------------------------------------------------


def test_a_whole_payment_is_a_sale_at_once_and_goes_in_its_window():
    preorder = preordered(a_presale(**WHOLE))
    assert (preorder.state, preorder.order.deposit_fen) == ("WHOLE_DUE", 0)

    payment = paid(preorder.order, TEN)

    assert (payment.instalment, payment.amount_fen) == ("WHOLE", 8_800)
    assert state(preorder) == ("PAID", "PAID", "PAID")
    assert sold(TEN).orders == 1
    timing.keep_time(now=SHIP_FROM)
    deliver_all(SHIP_FROM)
    assert state(preorder) == ("TO_SHIP", "PAID", "TO_SHIP")
    assert broken() == []


# --- Ordering -------------------------------------------------------------------------------------


def test_nothing_is_ordered_outside_the_window_of_a_presale():
    terms = a_presale()
    wish = a_wish(a_user(), terms.activity, now=TEN)

    for now in (TEN - 2 * timedelta(hours=1), TEN + 5 * DAY):
        with pytest.raises(placing.ActivityNotRunning):
            preordered(terms, now=now, wanted=wish)


def test_a_piece_that_became_heavier_is_not_promised_out_of_the_forecast():
    product = a_product(price_fen=9_900)
    sku = product.skus.get()
    terms = a_presale(product, forecast_g=sku.net_weight_g * 20, factor_bp=10_000)
    wish = a_wish(a_user(), terms.activity, now=TEN)
    type(sku).objects.filter(pk=sku.pk).update(
        net_weight_g=sku.net_weight_g + 1, gross_weight_g=sku.gross_weight_g + 1
    )

    with pytest.raises(placing.ForecastExceeded):
        preordered(terms, wanted=wish)
