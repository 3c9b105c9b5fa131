"""Teams from their opening to their end."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.audit.actors import SYSTEM, Actor
from core.audit.history import life_of
from core.errors import InvalidInput, NotFound
from core.ledger.models import AccountKind
from core.ledger.selectors import balances
from core.quotas.selectors import availability
from marketplace.activities.services import activities
from marketplace.activities.services.counting import ActivityUserLimit
from marketplace.coupons.domain.drafts import WantedFunding
from orders.groupbuys.domain.states import VirtualMode
from orders.groupbuys.models import Team, TeamMember
from orders.groupbuys.selectors import offered
from orders.groupbuys.services import expiring, joining, selling
from orders.payments.models import Refund
from orders.payments.providers.protocol import ProviderUnavailable
from orders.payments.providers.registry import SandboxWallet
from orders.payments.services import closing, refunding
from orders.placement.domain import problems
from orders.placement.models import ShopOrder
from orders.placement.selectors.quotes import Wanted
from orders.placement.services import placement
from orders.reports.selectors import sales
from tests.factories.accounts import a_user, an_address
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.factories.freight import a_template
from tests.factories.groupbuys import (
    PRICE_FEN,
    TEN,
    a_group_buy,
    a_team,
    at_the_desk,
    joined,
    opened,
    orders_of,
    paid,
    seats,
)
from tests.factories.payments import a_payment, call_back
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
NEXT_TEN = TEN + timedelta(hours=24)
SWEPT = NEXT_TEN + timedelta(seconds=90)


def state(team):
    team.refresh_from_db()
    return team.state, team.failure


def left_of(team):
    quota_id = team.activity.quota_id
    return availability.left([quota_id])[quota_id]


def parts(team):
    rows = ShopOrder.objects.filter(order__in=orders_of(team)).order_by("pk")
    return list(rows.values_list("state", flat=True))


def refunds():
    rows = Refund.objects.order_by("reason", "pk")
    return list(rows.values_list("reason", "state", "amount_fen"))


def end_of_day(now):
    """Let the workers do what is owed, and the providers give back what is to go back."""
    deliver_all(now)
    refunding.send_due(now=now)
    deliver_all(now)


def sold(now=SWEPT):
    days = sales.Days((now - timedelta(days=3)).date(), (now + timedelta(days=3)).date())
    return sales.total(days, None)


def expire(now):
    return expiring.expire_due(now=now)


def cancel(order, now):
    closing.cancel(buyer_id=order.buyer_id, order_reference=order.reference, now=now)


@pytest.fixture
def terms(db):
    return a_group_buy()


# --- The worked example of domain.md 2.3 ----------------------------------------------------------


def example(stamp):
    """Two have paid; a third one's seat is locked when the day is over, and they pay."""
    terms = a_group_buy()
    first = opened(terms, now=TEN)
    paid(first, TEN)
    paid(joined(first.team, now=TEN + timedelta(hours=5, minutes=20)), TEN + HOUR * 5 + MINUTE * 20)
    third = joined(first.team, now=NEXT_TEN - 4 * MINUTE)
    payment = a_payment(third.placed.order, now=NEXT_TEN - 3 * MINUTE)
    at_the_desk(payment, stamp)
    first.team.refresh_from_db()
    return first.team, payment


def test_the_worked_example_ends_at_10_01_30_with_three_refunds():
    team, payment = example(stamp=NEXT_TEN + 3 * SECOND)
    assert (team.expires_at, left_of(team)) == (NEXT_TEN, 17)

    expire(SWEPT)
    end_of_day(SWEPT)

    assert state(team) == ("FAILED", "EXPIRED")
    assert team.failed_at == SWEPT
    assert refunds() == [
        ("LATE_PAYMENT", "SUCCEEDED", 2_990),
        ("TEAM_FAILED", "SUCCEEDED", 2_990),
        ("TEAM_FAILED", "SUCCEEDED", 2_990),
    ]
    assert Refund.objects.get(reason="LATE_PAYMENT").payment_id == payment.pk
    assert seats(team) == ["REFUNDED", "REFUNDED", "RELEASED"]
    assert left_of(team) == 20
    assert (sold().orders, sold().pieces, sold().paid_fen) == (0, 0, 0)
    assert balances.balance_of(AccountKind.PROVIDER_CLEARING, "sandbox") == 0
    assert set(balances.balances(AccountKind.SHOP_PAYABLE).values()) == {0}


def test_the_worked_example_succeeds_with_a_stamp_two_seconds_before():
    team, payment = example(stamp=NEXT_TEN - 2 * SECOND)

    stamp = (NEXT_TEN - 2 * SECOND).isoformat()
    call_back(payment, now=NEXT_TEN + 40 * SECOND, captured_at=stamp)
    expire(SWEPT)
    end_of_day(SWEPT)

    assert state(team) == ("SUCCEEDED", "")
    assert team.succeeded_at == NEXT_TEN + 40 * SECOND
    assert parts(team) == ["TO_SHIP"] * 3
    assert seats(team) == ["PAID"] * 3
    assert (refunds(), left_of(team)) == ([], 17)
    assert (sold().orders, sold().paid_fen) == (3, 3 * 2_990)


def test_the_worked_example_succeeds_by_asking_where_the_callback_never_comes():
    team, _ = example(stamp=NEXT_TEN - 2 * SECOND)

    expire(SWEPT)
    end_of_day(SWEPT)

    assert state(team) == ("SUCCEEDED", "")
    assert parts(team) == ["TO_SHIP"] * 3


def test_a_callback_stamped_too_late_is_refunded_at_once_and_frees_its_piece():
    team, payment = example(stamp=NEXT_TEN + 3 * SECOND)

    stamp = (NEXT_TEN + 3 * SECOND).isoformat()
    call_back(payment, now=NEXT_TEN + 40 * SECOND, captured_at=stamp)

    assert state(team) == ("FORMING", "")
    assert refunds() == [("LATE_PAYMENT", "REQUESTED", 2_990)]
    assert (seats(team)[2], left_of(team)) == ("RELEASED", 18)


# --- Opening and joining --------------------------------------------------------------------------


def test_a_team_forms_once_its_leader_has_paid(terms):
    first = opened(terms)
    team = first.team
    assert (state(team), team.locked, team.expires_at) == (("OPENING", ""), 1, None)

    paid(first, TEN + 5 * MINUTE, captured_at=(TEN + 4 * MINUTE).isoformat())

    assert state(team) == ("FORMING", "")
    assert (team.locked, team.paid, team.leader_id) == (0, 1, first.placed.order.buyer_id)
    assert team.expires_at == TEN + 4 * MINUTE + timedelta(hours=24)
    assert parts(team) == ["WAIT_TEAM"]


def test_the_last_payment_completes_the_team_and_the_orders_follow(terms):
    team = a_team(terms, people=3)

    assert state(team) == ("SUCCEEDED", "")
    assert parts(team) == ["WAIT_TEAM"] * 3
    deliver_all(TEN + SECOND)
    assert parts(team) == ["TO_SHIP"] * 3
    assert [entry.action for entry in life_of("team", team.pk)] == ["create", "open", "succeed"]


def test_the_price_of_a_team_is_frozen_on_its_lines(terms):
    line = opened(terms).placed.lines[0]

    assert (line.unit_price_fen, line.list_price_fen) == (PRICE_FEN, 3_990)
    assert str(line.activity_reference) == str(terms.activity.reference)
    assert line.activity_kind == "GROUP"


def test_nobody_sits_in_two_undecided_teams_of_a_group_buy(terms):
    buyer, other = a_user(), a_team(terms)
    opened(terms, buyer)

    with pytest.raises(joining.AlreadyInTeam):
        opened(terms, buyer)
    with pytest.raises(joining.AlreadyInTeam):
        joined(other, buyer)
    assert (TeamMember.objects.filter(user=buyer).count(), left_of(other)) == (1, 18)


def test_somebody_whose_team_is_decided_may_open_another(terms):
    buyer = a_user()
    first = opened(terms, buyer)
    paid(first, TEN)
    for _ in range(2):
        paid(joined(first.team), TEN)

    assert opened(terms, buyer).team.state == "OPENING"


def test_a_full_team_says_so(terms):
    team = a_team(terms, people=2)
    joined(team)

    with pytest.raises(joining.TeamFull):
        joined(team)
    assert left_of(team) == 17


@pytest.mark.parametrize("end", ["expired", "failed", "succeeded", "opening", "called off"])
def test_a_team_that_is_not_forming_takes_nobody(terms, end):
    team = opened(terms).team if end == "opening" else a_team(terms, 3 if end == "succeeded" else 1)
    now = NEXT_TEN if end == "expired" else TEN + MINUTE
    if end == "failed":
        cancel(orders_of(team)[0], now)
    if end == "called off":
        expiring.call_off_one(team.pk, actor=SYSTEM, now=now)

    with pytest.raises(joining.TeamClosed):
        joined(team, now=now)


def test_a_link_that_leads_nowhere_is_not_found(terms):
    team = a_team(terms)
    Team.objects.filter(pk=team.pk).update(reference="00000000-0000-0000-0000-000000000000")

    with pytest.raises(NotFound):
        joined(team)


def test_after_the_end_no_team_opens_but_open_ones_are_joined(terms):
    team = a_team(a_group_buy(ends_at=TEN + HOUR))
    late = TEN + 2 * HOUR
    activities.keep_time(now=late)

    with pytest.raises(problems.ActivityNotRunning):
        opened(offered.group_buy(team.activity.reference), now=late)
    for _ in range(2):
        paid(joined(team, now=late), late)

    assert state(team) == ("SUCCEEDED", "")


def test_what_is_left_goes_back_to_the_stock_when_no_team_can_need_it():
    team = a_team(a_group_buy(ends_at=TEN + HOUR))
    activities.keep_time(now=TEN + 2 * HOUR)
    assert left_of(team) == 19

    expire(SWEPT)
    end_of_day(SWEPT)
    activities.keep_time(now=team.activity.closes_at)

    assert left_of(team) == 0
    sku = team.activity.sku
    assert availability.left([sku.stock_quota_id])[sku.stock_quota_id] == 100


def test_nobody_buys_more_than_the_limit_over_all_their_teams():
    terms = a_group_buy(per_user_limit=2)
    buyer = a_user()

    with pytest.raises(ActivityUserLimit):
        opened(terms, buyer, quantity=3)
    assert not Team.objects.exists()

    first = opened(terms, buyer, quantity=2)
    paid(first, TEN)
    cancel(first.placed.order, TEN + MINUTE)
    assert opened(terms, buyer, quantity=2).team.state == "OPENING"


def test_a_team_price_is_not_to_be_had_alone(terms):
    buyer = a_user()
    checkout = placement.Checkout(
        address=an_address(buyer).reference,
        expected_payable_fen=PRICE_FEN,
        lines=[Wanted(str(terms.activity.sku.reference), 1)],
        activity=terms.activity.reference,
    )

    with pytest.raises(placement.NotOnItsOwn), transaction.atomic():
        placement.place_order(buyer.pk, checkout, actor=Actor(buyer.pk), now=TEN)


def test_sold_out_pieces_open_no_team():
    terms = a_group_buy(quantity=1)
    opened(terms)

    with pytest.raises(problems.OutOfStock):
        opened(terms)


def test_setting_up_insists_on_a_price_below_and_on_ones_own_goods():
    product = a_product(price_fen=2_990)

    with pytest.raises(InvalidInput):
        a_group_buy(product)
    with pytest.raises(InvalidInput), transaction.atomic():
        selling.set_up(
            open_shop(),
            selling.Draft(product.skus.get().reference, 990, 5, TEN, NEXT_TEN, team_size=2),
            actor=SYSTEM,
            now=TEN,
        )


# --- Leaving --------------------------------------------------------------------------------------


def test_a_leader_who_never_pays_leaves_no_team(terms):
    first = opened(terms)

    closing.close_overdue(now=first.placed.order.pay_before)

    assert state(first.team) == ("FAILED", "CANCELLED")
    assert (seats(first.team), left_of(first.team)) == (["RELEASED"], 20)


def test_a_seat_that_is_not_paid_is_free_again_after_fifteen_minutes(terms):
    team = a_team(terms)
    slow = joined(team)

    closing.close_overdue(now=slow.placed.order.pay_before)

    assert state(team) == ("FORMING", "")
    assert (team.locked, seats(team), left_of(team)) == (0, ["PAID", "RELEASED"], 19)
    assert joined(team, now=slow.placed.order.pay_before).team.locked == 1


def test_money_for_a_seat_that_was_given_up_goes_back(terms):
    team = a_team(terms)
    slow = joined(team)
    payment = a_payment(slow.placed.order, now=TEN)
    over = slow.placed.order.pay_before
    closing.close_overdue(now=over)
    at_the_desk(payment, over, even_if_closed=True)

    call_back(payment, now=over)
    end_of_day(over)

    assert refunds() == [("LATE_PAYMENT", "SUCCEEDED", PRICE_FEN)]
    assert (state(team), seats(team)) == (("FORMING", ""), ["PAID", "RELEASED"])


def test_when_the_leader_quits_whoever_paid_first_leads(terms):
    team = a_team(terms)
    joined(team)
    late, early = joined(team, now=TEN), None
    team.refresh_from_db()
    # Whoever sits nearer to the leader has not paid.
    paid(late, TEN + MINUTE)

    cancel(orders_of(team)[0], TEN + HOUR)
    end_of_day(TEN + HOUR)

    assert (early, state(team)) == (None, ("FORMING", ""))
    assert team.leader_id == late.placed.order.buyer_id
    assert (team.paid, team.locked) == (1, 1)
    assert seats(team) == ["REFUNDED", "LOCKED", "PAID"]
    assert refunds() == [("ORDER_CANCELLED", "SUCCEEDED", PRICE_FEN)]


def test_when_the_leader_quits_and_the_others_are_still_to_pay_the_next_payer_leads(terms):
    team = a_team(terms)
    other = joined(team)

    cancel(orders_of(team)[0], TEN + MINUTE)
    assert (state(team), team.leader_id) == (("FORMING", ""), None)
    paid(other, TEN + 2 * MINUTE)

    team.refresh_from_db()
    assert (team.leader_id, team.paid) == (other.placed.order.buyer_id, 1)


def test_when_the_last_one_quits_the_team_fails(terms):
    team = a_team(terms)

    cancel(orders_of(team)[0], TEN + HOUR)
    end_of_day(TEN + HOUR)

    assert state(team) == ("FAILED", "CANCELLED")
    assert (seats(team), left_of(team)) == (["REFUNDED"], 20)


def test_after_success_a_cancelled_order_leaves_the_team_complete(terms):
    team = a_team(terms, people=3)
    deliver_all(TEN)

    cancel(orders_of(team)[1], TEN + HOUR)
    end_of_day(TEN + HOUR)

    assert (state(team), team.paid) == (("SUCCEEDED", ""), 3)
    assert parts(team) == ["TO_SHIP", "CLOSED", "TO_SHIP"]
    assert sold().pieces == 2


def test_an_order_that_is_cancelled_between_success_and_release_stays_cancelled(terms):
    team = a_team(terms, people=3)

    cancel(orders_of(team)[1], TEN + SECOND)
    end_of_day(TEN + SECOND)

    assert parts(team) == ["TO_SHIP", "CLOSED", "TO_SHIP"]


# --- Failing --------------------------------------------------------------------------------------


def test_nothing_is_decided_within_the_grace(terms):
    team = a_team(terms, people=2)

    assert expire(NEXT_TEN + 59 * SECOND) == 0
    assert state(team) == ("FORMING", "")
    assert expire(NEXT_TEN + 60 * SECOND) == 1
    assert state(team) == ("FAILED", "EXPIRED")


def test_expiring_twice_refunds_once(terms):
    team = a_team(terms, people=2)

    assert [expire(SWEPT), expire(SWEPT)] == [1, 0]
    end_of_day(SWEPT)
    end_of_day(SWEPT + HOUR)

    assert refunds() == [("TEAM_FAILED", "SUCCEEDED", PRICE_FEN)] * 2
    assert left_of(team) == 20


def test_everything_goes_back_freight_coupon_and_budget():
    shop = open_shop(region="420527")
    product = a_product(shop, 30_000, freight_template=a_template(shop).reference)
    budget = a_budget()
    batch = a_batch(
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
        allow_on_activity_price=True,
    )
    buyer = a_user()
    coupon = a_coupon(buyer, batch, TEN)
    terms = a_group_buy(product, price_fen=25_000)
    seated = opened(terms, buyer, coupons=(coupon,))
    order = seated.placed.order
    assert (order.freight_fen > 0, order.discount_fen > 0) == (True, True)
    paid(seated, TEN)

    expire(SWEPT)
    end_of_day(SWEPT)

    assert refunds() == [("TEAM_FAILED", "SUCCEEDED", order.payable_fen)]
    coupon.refresh_from_db()
    assert coupon.state == "UNUSED"
    assert balances.balance_of(AccountKind.SUBSIDY, str(budget.reference)) == 0
    assert balances.balance_of(AccountKind.REFUND_CLEARING, "sandbox") == 0


def test_while_one_answer_is_unknown_the_team_stays_and_takes_nobody(terms, monkeypatch):
    team = a_team(terms, people=1)
    unknown = joined(team, now=NEXT_TEN - MINUTE)
    payment = a_payment(unknown.placed.order, now=NEXT_TEN - MINUTE)
    at_the_desk(payment, NEXT_TEN - SECOND)
    monkeypatch.setattr(SandboxWallet, "close", _no_answer)

    assert expire(SWEPT) == 0

    assert state(team) == ("FORMING", "")
    assert (seats(team), refunds()) == (["PAID", "LOCKED"], [])
    with pytest.raises(joining.TeamClosed):
        joined(team, now=SWEPT)
    monkeypatch.undo()
    assert expire(SWEPT) == 0, "it waits before it asks again"
    expire(SWEPT + MINUTE)
    # It was paid in time, so it sat there all along; they are still not enough.
    assert state(team) == ("FAILED", "EXPIRED")
    end_of_day(SWEPT + MINUTE)
    assert refunds() == [("TEAM_FAILED", "SUCCEEDED", PRICE_FEN)] * 2


def _no_answer(self, *, reference):
    raise ProviderUnavailable


def test_a_worker_that_dies_between_asking_and_failing_costs_only_time(terms, monkeypatch):
    team = a_team(terms, people=1)
    late = joined(team, now=NEXT_TEN - MINUTE)
    at_the_desk(a_payment(late.placed.order, now=NEXT_TEN - MINUTE), NEXT_TEN + SECOND)
    monkeypatch.setattr(expiring, "_decide_one", _killed)

    with pytest.raises(SystemExit):
        expire(SWEPT)

    assert (state(team), seats(team)) == (("FORMING", ""), ["PAID", "RELEASED"])
    assert refunds() == [("LATE_PAYMENT", "REQUESTED", PRICE_FEN)]
    monkeypatch.undo()
    expire(SWEPT + SECOND)
    end_of_day(SWEPT + SECOND)
    assert state(team) == ("FAILED", "EXPIRED")
    assert refunds() == [
        ("LATE_PAYMENT", "SUCCEEDED", PRICE_FEN),
        ("TEAM_FAILED", "SUCCEEDED", PRICE_FEN),
    ]


def _killed(team_id, *, now):
    raise SystemExit


def test_one_team_that_cannot_be_asked_about_does_not_block_the_others(terms, monkeypatch):
    bad, good = a_team(terms), a_team(terms)
    for team in (bad, good):
        joined(team, now=NEXT_TEN - MINUTE)
    broken = orders_of(bad)[1].pk
    close_unpaid = closing.close_unpaid

    def fail(order_id, **how):
        if order_id == broken:
            raise RuntimeError
        return close_unpaid(order_id, **how)

    monkeypatch.setattr(expiring.closing, "close_unpaid", fail)
    expire(SWEPT)

    assert (state(bad), state(good)) == (("FORMING", ""), ("FAILED", "EXPIRED"))


def test_a_group_buy_that_cannot_be_delivered_is_called_off(terms):
    team = a_team(terms, people=2)
    won = a_team(terms, people=3)
    paying = joined(team)
    payment = a_payment(paying.placed.order, now=TEN)
    at_the_desk(payment, TEN + SECOND)

    with transaction.atomic():
        assert selling.call_off(terms, actor=SYSTEM, now=TEN + MINUTE, reason="霜冻") == 1
    expire(TEN + MINUTE)
    end_of_day(TEN + MINUTE)

    assert state(team) == ("FAILED", "STOCK_OUT")
    assert state(won) == ("SUCCEEDED", "")
    assert [reason for reason, _, _ in refunds()] == ["LATE_PAYMENT", "TEAM_FAILED", "TEAM_FAILED"]
    with pytest.raises(problems.ActivityNotRunning):
        opened(terms, now=TEN + 2 * MINUTE)


# --- Nearly full teams ----------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "end"), [(1, ("FAILED", "EXPIRED")), (2, ("SUCCEEDED", ""))])
def test_a_shop_may_let_teams_succeed_from_a_share_on(people, end):
    terms = a_group_buy(team_size=4, virtual_mode=VirtualMode.RATIO, virtual_ratio_bp=4_000)
    team = a_team(terms, people=people)

    expire(SWEPT)
    end_of_day(SWEPT)

    assert state(team) == end


def test_empty_seats_hold_nothing_and_count_nowhere():
    terms = a_group_buy(team_size=4, virtual_mode=VirtualMode.RATIO, virtual_ratio_bp=4_000)
    team = a_team(terms, people=2)

    expire(SWEPT)
    end_of_day(SWEPT)

    assert seats(team) == ["PAID", "PAID", "VIRTUAL", "VIRTUAL"]
    assert (parts(team), left_of(team)) == (["TO_SHIP", "TO_SHIP"], 18)
    assert (sold().orders, sold().pieces) == (2, 2)
    assert offered.sold_in([terms]) == 2


def test_without_the_shops_word_no_team_is_completed_by_nobody(terms):
    assert terms.virtual_mode == VirtualMode.NONE
    team = a_team(terms, people=2)

    expire(SWEPT)

    assert seats(team) == ["PAID", "PAID"]
    assert state(team) == ("FAILED", "EXPIRED")
