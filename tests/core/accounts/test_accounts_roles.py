"""Roles, their regions, and mandates."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.accounts.domain.roles import Role, Scope
from core.accounts.models import RoleMembership
from core.accounts.selectors import mandates, roles
from core.accounts.services import granting
from core.errors import InvalidInput
from tests.factories.accounts import a_staff, a_user

pytestmark = pytest.mark.django_db


def test_a_role_without_an_organisation_reaches_everywhere():
    reviewer = a_staff(Role.REVIEWER)

    assert roles.has(reviewer.pk, Role.REVIEWER)
    assert not roles.has(reviewer.pk, Role.OPERATOR)
    assert roles.region_scope(reviewer.pk, Role.REVIEWER) is None


def test_a_role_of_a_regional_body_reaches_its_subtree():
    reviewer = a_staff(Role.REVIEWER, region="420500")

    scope = roles.region_scope(reviewer.pk, Role.REVIEWER)

    assert scope == ["420500"]
    assert [roles.reaches(scope, code) for code in ("420527", "420500", "420602", "429004")] == [
        True,
        True,
        False,
        False,
    ]


def test_somebody_without_the_role_reaches_nothing():
    assert roles.region_scope(a_user().pk, Role.REVIEWER) == []


@pytest.mark.parametrize("role", [Role.CAMPAIGN_MANAGER, Role.OPERATOR])
def test_what_has_no_region_is_not_looked_after_for_one(role, now):
    with pytest.raises(InvalidInput):
        a_staff(role, region="420500")
    person, other = a_user(), a_staff(Role.REVIEWER, region="420500")
    body = RoleMembership.objects.get(user=other).organisation
    # Given some other way, such as before the body had a region, it is not held either.
    RoleMembership.objects.create(user=person, role=role, organisation=body, granted_at=now)

    assert not roles.has(person.pk, role)
    assert roles.held_by(person.pk) == []
    assert roles.region_scope(person.pk, role) == []


@pytest.mark.parametrize(
    ("region", "prefix"), [("420000", "42"), ("420500", "4205"), ("420527", "420527")]
)
def test_a_subtree_is_a_prefix(region, prefix):
    assert roles.prefix_of(region) == prefix


def test_a_role_is_held_once_and_ends(now):
    user = a_user()
    with transaction.atomic():
        granting.grant_role(user.pk, Role.OPERATOR, now=now)
        granting.grant_role(user.pk, Role.OPERATOR, now=now)

        assert RoleMembership.objects.count() == 1
        assert granting.end_role(user.pk, Role.OPERATOR, now=now) == 1

    assert roles.held_by(user.pk) == []


def test_a_mandate_holds_for_its_scopes_in_its_time_until_it_is_revoked(now):
    farmer, station = a_user(), a_user()
    with transaction.atomic():
        mandate = granting.give_mandate(
            principal_id=farmer.pk,
            agent_id=station.pk,
            scopes=[Scope.LIST],
            valid_from=now,
            valid_until=now + timedelta(days=30),
        )

    def may(scope, at):
        return mandates.principal_of(station.pk, farmer.reference, scope, at)

    assert may(Scope.LIST, now) == farmer.pk
    assert may(Scope.PRICE, now) is None
    assert may(Scope.LIST, now + timedelta(days=30)) is None
    with transaction.atomic():
        assert granting.revoke_mandate(mandate.pk, now=now)
    assert may(Scope.LIST, now) is None


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_mandate_is_forward_and_at_most_a_year(now, days):
    with pytest.raises(InvalidInput), transaction.atomic():
        granting.give_mandate(
            principal_id=a_user().pk,
            agent_id=a_user().pk,
            scopes=[Scope.LIST],
            valid_from=now,
            valid_until=now + timedelta(days=days),
        )
