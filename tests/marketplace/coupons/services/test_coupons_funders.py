"""Whose money it is: budgets of organisations, and officers who see their own and nothing else."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.accounts.models import Organisation, User
from core.accounts.services import granting
from core.audit.actors import SYSTEM
from core.errors import InvalidInput, NotFound
from core.ledger.selectors import balances
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBudget
from marketplace.coupons.selectors import console, funders
from marketplace.coupons.services import budgets, officers
from orders.placement.services import lifecycle
from tests.factories.accounts import a_phone, a_user, an_officer, an_organisation
from tests.factories.catalogue import a_product
from tests.factories.coupons import DRAFTED, a_batch, a_budget, a_coupon
from tests.factories.orders import an_order
from tests.support import desk

pytestmark = pytest.mark.django_db


def open_budget(funder, organisation):
    with transaction.atomic():
        return budgets.open_budget(
            name="预算",
            funder=funder,
            organisation=organisation,
            total_fen=1_000,
            actor=SYSTEM,
            now=DRAFTED,
        )


@pytest.mark.parametrize("funder", ["GOVERNMENT", "PARTNER"])
def test_foreign_money_is_always_somebodys(funder):
    for nobody in ("", "   "):
        with pytest.raises(InvalidInput) as refused:
            open_budget(funder, nobody)
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
            ("/organisation", "REQUIRED")
        ]
    assert not CouponBudget.objects.exists()

    assert open_budget(funder, " 省农业农村厅 ").organisation.name == "省农业农村厅"


def test_the_platforms_own_money_may_be_nobodys():
    assert open_budget("PLATFORM", "").organisation is None


def test_a_name_is_one_organisation_whatever_its_region():
    known = an_organisation("省农业农村厅", "420000")

    first, second = open_budget("GOVERNMENT", "省农业农村厅"), open_budget("PARTNER", "果业集团")

    assert first.organisation == known
    assert Organisation.objects.filter(name="果业集团").get() == second.organisation
    assert Organisation.objects.count() == 2


def test_the_database_refuses_foreign_money_of_nobody():
    budget = a_budget(funder="GOVERNMENT")

    with (
        pytest.raises(IntegrityError, match="foreign_money_has_an_owner"),
        transaction.atomic(),
    ):
        CouponBudget.objects.filter(pk=budget.pk).update(organisation=None)


@pytest.fixture
def paid(now):
    """An order whose coupon two funders pay for, each out of a budget of its own."""
    county = a_budget(funder="GOVERNMENT", organisation="秭归县")
    group = a_budget(funder="PARTNER", organisation="果业集团")
    batch = a_batch(
        threshold_fen=1_000,
        amount_fen=1_000,
        per_user_limit=2,
        funding=(
            WantedFunding("GOVERNMENT", 7_000, county.reference),
            WantedFunding("PARTNER", 3_000, group.reference),
        ),
    )
    user, goods = a_user(), a_product(price_fen=6_000, stock=9)
    for _ in range(2):
        order = an_order(
            user, [(goods, 1)], paid=True, coupons=[a_coupon(user, batch, now)], now=now
        )
    with transaction.atomic():
        lifecycle.close_refunded(order.pk, actor=SYSTEM, now=now)
    return county, group, batch


def test_each_budget_has_a_ledger_account_of_its_own(paid):
    county, group, _ = paid

    assert balances.balances("SUBSIDY") == {
        str(county.reference): 700,
        str(group.reference): 300,
    }


def test_an_officer_sees_the_money_of_their_organisation_and_no_other(paid, now):
    county, group, batch = paid
    officer = an_officer(county.organisation_id)

    assert [row.pk for row in funders.budgets_of(officer.pk)] == [county.pk]
    found = funders.budget_of(officer.pk, county.reference)
    assert (found.total_fen, found.reserved_fen, found.spent_fen) == (10_000_000, 700, 700)
    (row,) = funders.batches_of(county)
    assert (row.pk, row.bp, row.claimed, row.used) == (batch.pk, 7_000, 2, 1)
    moves = funders.movements_of(county).order_by("-used_at", "-id")
    assert [(move.amount_fen, move.reversed_at) for move in moves] == [(700, now), (700, None)]
    for stranger in (officer, a_user()):
        with pytest.raises(NotFound):
            funders.budget_of(stranger.pk, group.reference)


def test_a_role_that_ended_shows_nothing_any_more(paid, now):
    county, *_ = paid
    officer = an_officer(county.organisation_id)
    with transaction.atomic():
        granting.end_role(officer.pk, Role.FUNDER, now=now)

    assert not funders.budgets_of(officer.pk)


def test_an_officer_of_nobody_sees_nobodys_money():
    a_budget()
    officer = a_user()
    with transaction.atomic():
        granting.grant_role(officer.pk, Role.FUNDER, now=DRAFTED)

    assert not funders.budgets_of(officer.pk)


def test_officers_are_let_in_and_dismissed(paid, now):
    county, group, _ = paid
    with transaction.atomic():
        key = officers.admit(county, a_phone(), now=now)
    person = User.objects.get(pk=key)

    assert [row.pk for row in funders.budgets_of(key)] == [county.pk]
    with pytest.raises(NotFound), transaction.atomic():
        officers.dismiss(group, person.reference, now=now)
    with transaction.atomic():
        officers.dismiss(county, person.reference, now=now)
    assert not funders.budgets_of(key)
    with pytest.raises(officers.BudgetOfNobody), transaction.atomic():
        officers.admit(a_budget(), a_phone(), now=now)


def test_the_console_shows_an_officer_their_money_and_lets_them_change_nothing(paid):
    county, group, _ = paid
    officer = desk.let_in(an_officer(county.organisation_id))
    browser = desk.seat(officer)

    assert [row.pk for row in console.budgets_for(officer)] == [county.pk]
    shown = browser.get(desk.one(county))
    assert (shown.status_code, shown.context["deeds"]) == (200, [])
    assert browser.get(desk.one(group)).status_code == 404
    assert county.name in browser.get(desk.listed_of(county)).content.decode()
    refused = desk.do(browser, county, "raise", {"total": "900000", "daily_cap": ""})
    assert refused.status_code == 403
    assert browser.get(f"{desk.listed_of(county)}add/").status_code == 403
