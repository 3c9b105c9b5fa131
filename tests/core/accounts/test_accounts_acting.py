"""Acting for somebody, and roles at the door of a view."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Role, Scope
from core.accounts.permissions import RoleNeeded
from core.accounts.services import granting
from core.audit.actors import Actor
from tests.factories.accounts import a_staff, a_user

pytestmark = pytest.mark.django_db


def call(user, acting_for=None):
    headers = {} if acting_for is None else {"Acting-For": str(acting_for)}
    view = SimpleNamespace(get=None)
    return SimpleNamespace(user=user, headers=headers, method="GET", parser_context={"view": view})


@pytest.fixture
def farmer():
    return a_user()


@pytest.fixture
def station(farmer):
    keeper = a_user()
    now = timezone.now()
    with transaction.atomic():
        granting.give_mandate(
            principal_id=farmer.pk,
            agent_id=keeper.pk,
            scopes=[Scope.LIST],
            valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=1),
        )
    return keeper


def test_without_the_header_one_acts_for_oneself(farmer, queries_of):
    assert queries_of(lambda: actor_of(call(farmer), Scope.LIST)) == 0
    assert actor_of(call(farmer)) == Actor(farmer.pk)
    assert seller_of(Actor(farmer.pk)) == farmer.pk


def test_a_mandate_keeps_both_people(farmer, station):
    actor = actor_of(call(station, farmer.reference), Scope.LIST)

    assert actor == Actor(station.pk, farmer.pk)
    assert seller_of(actor) == farmer.pk


def test_nothing_beyond_the_mandate_is_accepted(farmer, station):
    wrong = [
        (call(station, farmer.reference), Scope.PRICE),
        (call(station, farmer.reference), Scope.LIST, Scope.PRICE),
        (call(station, farmer.reference),),
        (call(station, uuid4()), Scope.LIST),
        (call(station, "nobody"), Scope.LIST),
        (call(station, ""), Scope.LIST),
        (call(farmer, station.reference), Scope.LIST),
    ]

    for request, *scopes in wrong:
        with pytest.raises(ScopeForbidden):
            actor_of(request, *scopes)


def test_a_role_opens_the_views_that_ask_for_it():
    reviewer = a_staff(Role.REVIEWER)
    ask = RoleNeeded(Role.REVIEWER)().has_permission

    assert ask(call(reviewer), None)
    assert not ask(call(a_user()), None)
    assert not ask(call(a_staff(Role.REPORTS)), None)
    assert not ask(call(None), None)
