"""Each invariant of campaigns reports the row that was corrupted."""

import pytest
from django.db import connection

from core import reconciling
from tests.factories.campaigns import a_campaign, an_enrolment, approved, moved, running

pytestmark = pytest.mark.django_db


def broken():
    names = [name for name in reconciling.names() if name.startswith("campaigns.")]
    return {result.name.partition(".")[2] for result in reconciling.run(names) if result.broken}


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount >= 1


@pytest.mark.parametrize(
    "change",
    [
        "price_fen = 1",
        "quantity = 11",
        "per_user_limit = 1",
        "ends_at = ends_at + interval '1 hour', closes_at = closes_at + interval '1 hour'",
        "starts_at = starts_at - interval '3 hours'",
        "kind = 'FLASH'",
    ],
)
def test_canary_approved_are_sold_as_agreed(now, change):
    approved(an_enrolment(now=now), now)
    assert broken() == set()

    corrupt(f"UPDATE activities_activity SET {change}")

    assert broken() == {"approved_are_sold_as_agreed"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE campaigns_campaign SET state = 'PAUSED'",
        "UPDATE campaigns_campaign SET state = 'ENDED', over_at = now(), next_attempt_at = NULL,"
        " ends_at = now() + interval '1 day'",
        "UPDATE campaigns_enrolment SET state = 'REJECTED', activity_id = NULL",
    ],
)
def test_canary_prices_are_approved(now, sql):
    approved(an_enrolment(a_campaign(now=now, **running(now)), now=now), now)
    assert broken() == set()

    corrupt(sql)

    assert "prices_are_approved" in broken()


def test_canary_nothing_is_left_undecided(now):
    campaign = a_campaign(now=now)
    an_enrolment(campaign, now=now)
    moved(campaign, "cancel", now)
    assert broken() == set()

    corrupt("UPDATE campaigns_enrolment SET state = 'SUBMITTED', decided_at = NULL")

    assert broken() == {"nothing_is_left_undecided"}
