"""Group buys and their teams in the staff console."""

import pytest
from django.urls import reverse

from core.accounts.domain.roles import Role
from marketplace.activities.models import Activity
from orders.groupbuys.models import GroupTerms
from tests.factories.catalogue import a_product
from tests.factories.groupbuys import TEN, a_group_buy, a_team
from tests.support import desk

pytestmark = pytest.mark.django_db

NEW = reverse("admin:groupbuys_groupterms_add")


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def words(product, **changes):
    return {
        "sku": str(product.skus.get().reference),
        "price": "29.90",
        "quantity": "20",
        "team_size": "3",
        "team_hours": "24",
        "virtual_mode": "NONE",
        "starts_at": "2027-11-01T00:00",
        "ends_at": "2027-11-10T00:00",
    } | changes


def test_a_group_buy_is_planned_for_a_shop_in_yuan_and_percent(manager):
    said = words(a_product(price_fen=3_990), virtual_mode="RATIO", virtual_ratio="80")

    answer = manager.post(NEW, said)

    terms = GroupTerms.objects.select_related("activity").get()
    assert answer.url == desk.one(terms)
    assert (terms.activity.price_fen, terms.team_size, terms.virtual_ratio_bp) == (2_990, 3, 8_000)
    shown = manager.get(answer.url).content.decode()
    for seen in ("¥29.90 (list ¥39.90)", "3 people in 24 h", "80 %", "left 20"):
        assert seen in shown


@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"sku": "6f8f57c0-0000-4000-8000-000000000000"}, "sku", "There is no such SKU."),
        ({"price": "39.90"}, "price", "Below the ordinary price."),
        ({"team_size": "1"}, "team_size", "2 to 100 people."),
        ({"team_size": "101"}, "team_size", "The number is too large."),
        ({"team_hours": "241"}, "team_hours", "The number is too large."),
        ({"virtual_mode": "RATIO"}, "virtual_ratio", "comes with the share of seats"),
        ({"virtual_ratio": "80"}, "virtual_ratio", "comes with the share of seats"),
        ({"ends_at": "2027-11-01T00:00"}, "ends_at", "later than the start"),
        ({"quantity": "100001"}, "quantity", ""),
    ],
)
def test_what_makes_no_sense_comes_back_at_its_field(manager, changes, place, sentence):
    answer = manager.post(NEW, words(a_product(price_fen=3_990), **changes))

    assert list(desk.errors_of(answer)) == [place]
    assert sentence in answer.content.decode()
    assert not GroupTerms.objects.exists()


def test_a_manager_sees_group_buys_with_their_teams(manager):
    team = a_team(people=2)
    terms = GroupTerms.objects.get()

    listed = manager.get(desk.listed_of(terms)).content.decode()
    shown = manager.get(desk.one(terms)).content.decode()

    assert team.activity.sku.product.title in listed
    for seen in ("2 / 18", "forming 1", "complete 0 · failed 0"):
        assert seen in listed
    assert "2 / 3" in shown
    assert desk.one(team) in shown


def test_a_manager_ends_a_group_buy_and_its_team_goes_on(manager):
    team = a_team(people=2)
    terms = GroupTerms.objects.get()

    desk.act(manager, "end", terms, reason="sold enough")
    again = desk.act(manager, "end", terms)

    team.refresh_from_db()
    assert (Activity.objects.get().state, team.called_off_at) == ("ENDED", None)
    assert "cannot be done in the present state" in again
    assert "sold enough" in manager.get(desk.one(terms)).content.decode()


def test_a_manager_calls_a_group_buy_off_once_and_says_why(manager):
    team = a_team(people=2)
    terms = GroupTerms.objects.get()

    silent = desk.act(manager, "call_off", terms)
    assert Activity.objects.get().ended_at is None
    desk.act(manager, "call_off", terms, reason="hail")
    team.refresh_from_db()
    assert team.called_off_at is not None
    assert Activity.objects.get().state == "ENDED"

    assert "Say why" in silent
    assert "hail" in manager.get(desk.one(terms)).content.decode()


def test_what_has_ended_and_has_no_team_cannot_be_called_off(manager):
    terms = a_group_buy()
    desk.act(manager, "call_off", terms, reason="hail")

    again = desk.act(manager, "call_off", terms, reason="hail")

    assert "cannot be done in the present state" in again
    assert 'value="call_off"' not in manager.get(desk.one(terms)).content.decode()


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
