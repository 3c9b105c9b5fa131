"""Budgets and batches in the console: typed in yuan, judged and moved by the same services."""

import pytest
from django.contrib import admin
from django.urls import path

from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.audit.models import StateLog
from core.quotas.selectors import availability
from marketplace.campaigns import admin as pages
from marketplace.campaigns.models import CouponBatch, CouponBudget
from tests.factories.accounts import a_staff, a_user
from tests.factories.campaigns import a_batch, a_budget, a_coupon

urlpatterns = [path("admin/", admin.site.urls)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
assert pages
BUDGETS, BATCHES = "/admin/campaigns/couponbudget/", "/admin/campaigns/couponbatch/"


def at_the_console(client, role):
    person = a_staff(role)
    User.objects.filter(pk=person.pk).update(username=f"staff {person.pk}", is_staff=True)
    client.force_login(User.objects.get(pk=person.pk))
    return client


@pytest.fixture
def manager(client):
    """Somebody who runs campaigns, at the console."""
    return at_the_console(client, Role.CAMPAIGN_MANAGER)


def batch_words(**changes):
    return {
        "name": "秋收满减",
        "kind": "FULL_REDUCTION",
        "threshold_fen": "200",
        "amount_fen": "30.00",
        "quantity": "100",
        "per_user_limit": "1",
        "claim_from": "2026-11-01T00:00",
        "claim_until": "2026-12-01T00:00",
        "use_until": "2026-12-31T00:00",
        "share": "70",
        "regions": "420000",
    } | changes


def test_a_budget_is_opened_in_yuan_and_only_ever_raised(manager):
    words = {
        "name": "省级补贴",
        "funder": "GOVERNMENT",
        "organisation": "省厅",
        "total_fen": "1234.56",
    }

    assert manager.post(f"{BUDGETS}add/", words).status_code == 302

    budget = CouponBudget.objects.get()
    assert (budget.name, budget.funder, budget.opened_by.is_staff) == (
        "省级补贴",
        "GOVERNMENT",
        True,
    )
    assert "¥1,234.56" in manager.get(f"{BUDGETS}{budget.pk}/change/").content.decode()
    larger = f"{BUDGETS}{budget.pk}/do/raise/"
    assert manager.post(larger, {"total_fen": "1234.56"}).status_code == 200
    assert manager.post(larger, {"total_fen": "2000"}).status_code == 302
    assert availability.figures([budget.quota_id])[budget.quota_id].total == 200_000


def test_budgets_show_spent_reserved_and_available_in_yuan(manager):
    a_coupon(a_user(), a_batch())

    shown = manager.get(BUDGETS).content.decode()

    for amount in ("¥0.00", "¥30.00", "¥99,970.00", "¥100,000.00"):
        assert amount in shown
    assert "10000000" not in shown


def test_a_batch_is_drafted_in_yuan_and_percent(manager):
    budget = a_budget()
    words = batch_words(budget=str(budget.reference))

    answer = manager.post(f"{BATCHES}add/", words)

    assert answer.status_code == 302, answer.context["errors"]
    batch = CouponBatch.objects.get()
    assert (batch.threshold_fen, batch.amount_fen, batch.state) == (20_000, 3_000, "DRAFT")
    assert batch.claim_from.isoformat() == "2026-10-31T16:00:00+00:00"
    shares = dict(batch.funding.values_list("funder", "bp"))
    assert shares == {"PLATFORM": 7_000, "SHOP": 3_000}
    assert list(batch.scope.values_list("by", "region")) == [("REGION", "420000")]


def test_a_wrong_batch_is_refused_by_the_rules_of_the_interface(manager):
    def faults(**changes):
        answer = manager.post(f"{BATCHES}add/", batch_words(**changes))
        assert answer.status_code == 200
        return set(answer.context["errors"])

    assert faults(threshold_fen="", use_until="2026-11-15T00:00") == {
        "threshold_fen",
        "use_until",
        "budget",
    }
    assert "regions" in faults(regions="420000，999999")
    assert not CouponBatch.objects.exists()


def test_a_running_batch_is_given_more_pieces(manager):
    batch = a_batch()
    words = {"quantity": "150", "claim_until": "2100-01-01T08:00", "use_until": "2100-01-01T08:00"}

    answer = manager.post(f"{BATCHES}{batch.pk}/do/grow/", words)
    assert answer.status_code == 302, answer.context["errors"]
    fewer = manager.post(f"{BATCHES}{batch.pk}/do/grow/", words | {"quantity": "149"})

    assert set(fewer.context["errors"]) == {"quantity"}
    assert availability.figures([batch.quota_id])[batch.quota_id].total == 150


def test_a_batch_is_moved_by_actions_with_a_reason(manager):
    batch = a_batch(active=False)

    def act(action):
        words = {"action": action, "_selected_action": [batch.pk], "reason": "秋收"}
        return manager.post(BATCHES, words, follow=True).content.decode()

    act("submit")
    act("approve")
    assert "ILLEGAL_TRANSITION" in act("reject")

    assert CouponBatch.objects.get().state == "ACTIVE"
    assert StateLog.objects.latest("id").reason == "秋收"
    assert "0 / 100" in manager.get(BATCHES).content.decode()
    assert manager.get(f"{BATCHES}{batch.pk}/change/").status_code == 200


def test_staff_without_the_role_see_nothing(client):
    at_the_console(client, Role.REVIEWER)
    batch = a_batch(active=False, name="看不见")

    for address in (BATCHES, BUDGETS, f"{BATCHES}add/", f"{BATCHES}{batch.pk}/change/"):
        assert client.get(address).status_code in (403, 404)
    client.post(BATCHES, {"action": "submit", "_selected_action": [batch.pk]})
    assert CouponBatch.objects.get().state == "DRAFT"
