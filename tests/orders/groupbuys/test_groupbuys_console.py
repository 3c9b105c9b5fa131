"""Teams in the staff console."""

import pytest

from core.accounts.domain.roles import Role
from tests.factories.groupbuys import TEN, a_team
from tests.support import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def test_a_manager_sees_how_far_teams_are(manager):
    team = a_team(people=2)

    page = manager.get(desk.listed(_page(team))).content.decode()

    assert "2 + 0 + 0 / 3" in page
    assert team.activity.sku.product.title in page


def test_a_manager_calls_a_team_off_once(manager):
    team = a_team(people=2)

    desk.act(manager, "call_off", team)
    again = desk.act(manager, "call_off", team)

    team.refresh_from_db()
    assert team.called_off_at is not None
    assert team.next_attempt_at == team.called_off_at > TEN
    assert "cannot be done in the present state" in again


def _page(team):
    return next(page for page in desk.pages() if page.model is type(team))
