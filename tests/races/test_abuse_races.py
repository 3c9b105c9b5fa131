"""Many who are new at one address at once: one of them is."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction

from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.models import Trace
from marketplace.abuse.services import watching
from tests.factories.accounts import a_user
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _real_limits(settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1


def _note(user_id, now, meeting=None):
    origin = Origin(device="app-0123456789")
    noted = watching.Noted(Deed.ORDER, uuid4(), user_id, origin, is_as_newcomer=True)
    with transaction.atomic():
        noticed = watching.note(noted, now=now)
        if meeting:
            meeting.come()
        return noticed


def test_of_many_new_users_of_one_device_one_is_new(at_once, now):
    people = [a_user().pk for _ in range(6)]

    outcomes = at_once(*(partial(_note, person, now) for person in people))

    assert sum(isinstance(outcome, watching.NotANewUser) for outcome in outcomes) == 5
    assert Trace.objects.count() == 1


def test_canary_without_waiting_for_each_other_several_are(at_once, now, monkeypatch):
    people = [a_user().pk for _ in range(6)]
    monkeypatch.setattr(watching, "_ONE_AT_A_TIME", "SELECT %s::text[]")
    nobody_has_committed = Meeting(6)

    outcomes = at_once(*(partial(_note, person, now, nobody_has_committed) for person in people))

    assert not any(isinstance(outcome, watching.NotANewUser) for outcome in outcomes)
    assert Trace.objects.count() == 6
