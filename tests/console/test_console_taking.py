"""What campaign managers take away of budgets and batches, and nobody else does."""

import csv
import io
from uuid import uuid4

import pytest

from core.accounts.domain.roles import Role
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBatch, CouponUse, UserCoupon
from marketplace.coupons.selectors import exported
from tests.factories.accounts import a_user, an_officer
from tests.factories.coupons import a_batch, a_budget, a_coupon
from tests.support import desk

pytestmark = pytest.mark.django_db


def see(browser, row, name):
    return browser.get(desk.one(row).replace("change/", f"see/{name}/"))


def used(coupon, budget, amount_fen, now):
    order = uuid4()
    UserCoupon.objects.filter(pk=coupon.pk).update(state="USED", used_at=now, order_reference=order)
    CouponUse.objects.create(
        coupon=coupon,
        order_reference=order,
        line_reference=uuid4(),
        funder=budget.funder,
        budget=budget,
        amount_fen=amount_fen,
        used_at=now,
    )


@pytest.fixture
def spent(now):
    budget = a_budget(funder="GOVERNMENT")
    batch = a_batch(funding=(WantedFunding("GOVERNMENT", 10_000, budget.reference),))
    CouponBatch.objects.filter(pk=batch.pk).update(name="=HYPERLINK(1)")
    coupons = [a_coupon(a_user(), batch, now) for _ in range(3)]
    used(coupons[0], budget, 1_234, now)
    return budget, batch, coupons


def rows_of(answer):
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_coupons_of_a_batch_are_taken_away_without_their_owners(spent, boss, monkeypatch):
    monkeypatch.setattr(exported, "AT_ONCE", 2)
    _, batch, coupons = spent

    rows = rows_of(see(boss, batch, "coupons-csv"))

    assert [row[0] for row in rows[1:]] == [str(coupon.reference) for coupon in coupons]
    assert [row[-1] for row in rows[1:]] == ["12.34", "0.00", "0.00"]
    assert rows[1][1] == "已使用"


def test_the_spending_of_a_budget_is_taken_away_and_runs_no_formula(spent, boss):
    budget, _, coupons = spent

    rows = rows_of(see(boss, budget, "spending-csv"))

    assert rows[1][:2] == ["'=HYPERLINK(1)", str(coupons[0].reference)]
    assert rows[1][4] == "12.34"
    assert see(boss, budget, "spending-xlsx").getvalue()[:2] == b"PK"


def test_an_officer_takes_away_their_own_budget_and_no_other(spent):
    budget, batch, _ = spent
    officer = desk.seat(desk.let_in(an_officer(budget.organisation_id)))

    assert see(officer, budget, "spending-csv").status_code == 200
    assert see(officer, a_budget(), "spending-csv").status_code == 404
    assert see(officer, batch, "coupons-csv").status_code == 403


def test_a_claim_link_stands_on_a_page_and_in_a_picture(boss, settings):
    settings.MARKETPLACE_PUBLIC_URL = "https://market.example/"
    batch = a_batch()

    page = see(boss, batch, "link").content.decode()
    picture = see(boss, batch, "qr")

    assert f"https://market.example/claim/{batch.reference}" in page
    assert "<svg" in page
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")
    assert b"xmlns=" in picture.content
    assert see(boss, a_batch(by_code=True), "link").status_code == 404
    assert see(boss, a_batch(active=False), "qr").status_code == 404


def test_nobody_else_takes_anything_away(spent):
    budget, batch, _ = spent
    browser = desk.seat(desk.staff(Role.OPERATOR))

    assert see(browser, budget, "spending-csv").status_code == 403
    assert see(browser, batch, "coupons-xlsx").status_code == 403
