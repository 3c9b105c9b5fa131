"""Each promise of group buys is seen broken once."""

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from orders.groupbuys.models import GroupTerms
from tests.factories.groupbuys import a_group_buy, a_team, joined
from tests.factories.orders import an_order

pytestmark = pytest.mark.django_db

CORRUPTIONS = {
    "seats_explain_teams": "UPDATE groupbuys_team SET locked = locked - 1 WHERE locked > 0",
    "seats_stand_where_their_orders_stand": "UPDATE groupbuys_teammember SET state = 'RELEASED',"
    " is_open = false WHERE state = 'LOCKED'",
    "orders_that_wait_have_a_seat": "UPDATE placement_order SET waits_for = 'TEAM'"
    " WHERE waits_for = ''",
    "only_complete_teams_are_sold": "UPDATE placement_order SET sold_at = paid_at"
    " WHERE waits_for = 'TEAM'",
    "leaders_have_paid": "UPDATE groupbuys_team SET leader_id = NULL",
}


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_every_invariant_of_group_buys_has_a_canary():
    names = {name for name in reconciling.names() if name.startswith("groupbuys.")}

    assert names == {f"groupbuys.{name}" for name in CORRUPTIONS}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_canary_a_corrupted_row_is_reported(name):
    team = a_team(people=2)
    joined(team)
    an_order()
    every = [one for one in reconciling.names() if one.startswith("groupbuys.")]
    assert all(result.is_held for result in reconciling.run(every))

    run(CORRUPTIONS[name])

    assert not reconciling.run([f"groupbuys.{name}"])[0].is_held


REFUSED = {
    "groupbuys_team_never_overfull": "UPDATE groupbuys_team SET paid = 4",
    "groupbuys_team_is_a_team": "UPDATE groupbuys_team SET size = 101",
    "groupbuys_team_succeeded_is_full": "UPDATE groupbuys_team SET state = 'SUCCEEDED',"
    " succeeded_at = now(), next_attempt_at = NULL",
    "groupbuys_team_failed_has_its_reason": "UPDATE groupbuys_team SET state = 'FAILED',"
    " failed_at = now(), next_attempt_at = NULL",
    "groupbuys_team_opened_has_its_times": "UPDATE groupbuys_team SET expires_at = opened_at",
    "groupbuys_team_forms_once_its_leader_paid": "UPDATE groupbuys_team SET state = 'OPENING'",
    "groupbuys_team_only_undecided_ones_are_due": "UPDATE groupbuys_team SET state = 'FAILED',"
    " failed_at = now(), failure = 'EXPIRED'",
    "groupbuys_teammember_virtual_is_nobody": "UPDATE groupbuys_teammember SET is_virtual = true",
    "groupbuys_teammember_paid_has_its_time": "UPDATE groupbuys_teammember SET paid_at = NULL",
    # Every state that there is stands in this one, so none other can be written.
    "teammember_paid_has_its_time": "UPDATE groupbuys_teammember SET state = 'X', is_open = false",
    "groupbuys_teammember_open_is_seated": "UPDATE groupbuys_teammember SET state = 'REFUNDING'",
    "groupbuys_groupterms_team_is_a_team": "UPDATE groupbuys_groupterms SET team_size = 1",
    "groupbuys_groupterms_team_has_time": "UPDATE groupbuys_groupterms SET team_hours = 0",
    "groupbuys_groupterms_ratio_belongs_to_its_mode": "UPDATE groupbuys_groupterms"
    " SET virtual_mode = 'RATIO'",
    "groupbuys_teammember_one_open_team_at_a_time": "INSERT INTO groupbuys_teammember (team_id,"
    " activity_id, user_id, order_id, state, is_virtual, is_open, joined_at, paid_at)"
    " SELECT team_id, activity_id, user_id, (SELECT max(id) FROM placement_order), 'PAID',"
    " false, true, joined_at, paid_at FROM groupbuys_teammember LIMIT 1",
    "groupbuys_teammember_one_seat_in_a_team": "INSERT INTO groupbuys_teammember (team_id,"
    " activity_id, user_id, order_id, state, is_virtual, is_open, joined_at, paid_at)"
    " SELECT team_id, activity_id, user_id, (SELECT max(id) FROM placement_order), 'PAID',"
    " false, false, joined_at, paid_at FROM groupbuys_teammember LIMIT 1",
    "groupbuys_team_virtual_only_by_opting_in": "UPDATE groupbuys_team SET state = 'SUCCEEDED',"
    " succeeded_at = now(), next_attempt_at = NULL, virtual = 2",
}


@pytest.mark.parametrize("constraint", REFUSED)
def test_the_database_refuses(constraint):
    a_team()
    an_order()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        run(REFUSED[constraint])


def test_a_shop_never_completes_teams_with_nobody_unless_it_said_so():
    assert GroupTerms.objects.get(pk=a_group_buy().pk).virtual_mode == "NONE"
