"""Each promise of pre-sales is seen broken once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from orders.payments.services import closing, refunding
from orders.presales.services import defaulting
from tests.factories.orders import an_order
from tests.factories.presales import (
    BALANCE_UNTIL,
    TEN,
    a_presale,
    preordered,
    with_balance,
    with_deposit,
)

pytestmark = pytest.mark.django_db

CORRUPTIONS = {
    "held_deposits_are_open_deposits": "UPDATE presales_preorder SET state = 'FORFEITED',"
    " ended_at = now(), next_attempt_at = NULL WHERE state = 'DEPOSIT_PAID'",
    "preorders_stand_where_their_orders_stand": "UPDATE presales_preorder SET state = 'CANCELLED',"
    " ended_at = now() WHERE state = 'DEPOSIT_DUE'",
    "orders_that_wait_have_a_preorder": "UPDATE placement_order SET waits_for = 'PRESALE'"
    " WHERE waits_for = ''",
    "sold_within_the_forecast": "UPDATE placement_orderline SET net_weight_g = net_weight_g * 100,"
    " gross_weight_g = gross_weight_g * 100",
    "lost_deposits_are_their_shops": "UPDATE presales_preorder SET state = 'REFUNDED'"
    " WHERE state = 'FORFEITED'",
    "defaults_are_compensated": "UPDATE payments_refund SET amount_fen = amount_fen + 1"
    " WHERE reason = 'COMPENSATION'",
    "settled_defaults_leave_nobody_waiting": "UPDATE presales_presaleterms SET state = 'SETTLED',"
    " defaulted_at = now(), settled_at = now() WHERE state = 'OPEN'",
}


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def everything():
    """Bring about one order of each kind: to be paid, half paid, paid, lost, given back."""
    with_deposit()
    closing.close_overdue(now=BALANCE_UNTIL)
    lost = a_presale()
    with_deposit(lost)
    with transaction.atomic():
        defaulting.declare(lost.activity.reference, actor=SYSTEM, reason="霜冻", now=TEN)
    defaulting.settle_due(now=TEN)
    closing.close_overdue(now=TEN + timedelta(minutes=1))
    refunding.send_due(now=TEN + timedelta(minutes=1))
    weighed = a_presale(forecast_g=1_000_000_000, factor_bp=1)
    type(weighed).objects.filter(pk=weighed.pk).update(
        factor_bp=10_000, forecast_g=weighed.pieces * weighed.piece_net_g
    )
    with_deposit(weighed)
    preordered(weighed)
    with_balance()
    an_order()


def test_every_invariant_of_presales_has_a_canary():
    names = {name for name in reconciling.names() if name.startswith("presales.")}

    assert names == {f"presales.{name}" for name in CORRUPTIONS}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_canary_a_corrupted_row_is_reported(name):
    everything()
    every = [one for one in reconciling.names() if one.startswith("presales.")]
    assert [one.name for one in reconciling.run(every) if not one.is_held] == []

    run(CORRUPTIONS[name])

    assert not reconciling.run([f"presales.{name}"])[0].is_held


REFUSED = {
    "activities_activity_deposit_belongs_to_presales": "UPDATE activities_activity"
    " SET deposit_worth_fen = deposit_fen - 1",
    "activity_deposit_belongs_to_presales": "UPDATE activities_activity SET kind = 'GROUP'",
    "activities_activity_deposit_is_a_fifth_at_most": "UPDATE activities_activity"
    " SET deposit_fen = 1800, deposit_worth_fen = 1800",
    "presales_presaleterms_balance_belongs_to_deposits": "UPDATE presales_presaleterms"
    " SET balance_until = balance_from",
    "presales_presaleterms_shipping_is_forward": "UPDATE presales_presaleterms"
    " SET ship_until = ship_from",
    "presales_presaleterms_promises_within_forecast": "UPDATE presales_presaleterms"
    " SET forecast_g = pieces * piece_net_g, factor_bp = 9999",
    "presales_presaleterms_pieces_weigh_something": "UPDATE presales_presaleterms SET pieces = 0",
    "presales_presaleterms_double_is_for_deposits": "UPDATE presales_presaleterms"
    " SET compensation_fen = 0",
    "presales_presaleterms_default_has_its_time": "UPDATE presales_presaleterms"
    " SET state = 'DEFAULTED'",
    "presales_presaleterms_only_defaulted_ones_are_due": "UPDATE presales_presaleterms"
    " SET next_attempt_at = now()",
    "presales_preorder_state_is_known": "UPDATE presales_preorder SET state = 'X'",
    "presales_preorder_quantity_is_positive": "UPDATE presales_preorder SET quantity = 0",
    "presales_preorder_held_has_its_deposit": "UPDATE presales_preorder SET deposit_at = NULL",
    "presales_preorder_due_is_unpaid": "UPDATE presales_preorder SET state = 'DEPOSIT_DUE'",
    "presales_preorder_paid_has_its_time": "UPDATE presales_preorder SET state = 'PAID'",
    "presales_preorder_refunded_was_paid": "UPDATE presales_preorder SET state = 'REFUNDED',"
    " deposit_at = NULL, ended_at = now(), next_attempt_at = NULL",
    "presales_preorder_over_has_its_time": "UPDATE presales_preorder SET state = 'FORFEITED'",
    "presales_preorder_spared_goes_its_way": "UPDATE presales_preorder SET spared_at = now()",
    "placement_order_deposit_comes_with_its_balance": "UPDATE placement_order SET deposit_fen = 0,"
    " deposit_paid_at = NULL, deposit_through = ''",
    "order_deposit_comes_with_its_balance": "UPDATE placement_order SET deposit_fen = 7801",
    "placement_order_deposit_paid_has_its_provider": "UPDATE placement_order"
    " SET deposit_through = ''",
    "placement_order_balance_never_before_deposit": "UPDATE placement_order SET state = 'PAID',"
    " paid_at = now(), sold_at = now(), deposit_paid_at = NULL, deposit_through = ''",
    "placement_orderline_deposit_within_paid": "UPDATE placement_orderline"
    " SET deposit_fen = paid_fen + 1",
    "payments_payment_instalment_is_known": "UPDATE payments_payment SET instalment = 'X'",
    "payments_payment_one_success_per_instalment": "INSERT INTO payments_payment (reference,"
    " order_id, instalment, provider, idempotency_key, state, verdict, amount_fen, captured_fen,"
    " refunded_fen, provider_transaction, params, created_at, captured_at, attempts)"
    " SELECT gen_random_uuid(), order_id, instalment, provider, 'other', state, verdict,"
    " amount_fen, captured_fen, refunded_fen, provider_transaction, params, created_at,"
    " captured_at, attempts FROM payments_payment",
}


@pytest.mark.parametrize("constraint", REFUSED)
def test_the_database_refuses(constraint):
    with_deposit()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        run(REFUSED[constraint])
