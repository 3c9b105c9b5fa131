"""Pre-sales in the staff console: planned, watched, given up."""

import pytest
from django.urls import reverse

from core.accounts.domain.roles import Role
from orders.presales.models import PresaleTerms
from tests.factories.catalogue import a_product
from tests.factories.presales import TEN, a_presale, with_deposit
from tests.support import desk

pytestmark = pytest.mark.django_db

NEW = reverse("admin:presales_presaleterms_add")


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def words(product, **changes):
    return {
        "sku": str(product.skus.get().reference),
        "kind": "DEPOSIT",
        "price": "88",
        "quantity": "20",
        "starts_at": "2027-11-01T00:00",
        "ends_at": "2027-11-10T00:00",
        "deposit": "10.00",
        "deposit_worth": "20",
        "balance_from": "2027-11-11T00:00",
        "balance_until": "2027-11-12T00:00",
        "ship_from": "2027-12-01T00:00",
        "ship_until": "2027-12-31T00:00",
        "forecast": "1,000",
        "factor": "80",
        "default_rule": "DOUBLE",
    } | changes


def test_a_presale_is_planned_for_a_shop_in_yuan_and_kilograms(manager):
    answer = manager.post(NEW, words(a_product(price_fen=9_900)))

    terms = PresaleTerms.objects.select_related("activity").get()
    assert answer.url == desk.one(terms)
    activity = terms.activity
    assert (activity.price_fen, activity.deposit_fen, activity.deposit_worth_fen) == (
        8_800,
        1_000,
        2_000,
    )
    assert (terms.forecast_g, terms.factor_bp, terms.compensation_fen) == (1_000_000, 8_000, 1_000)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deposit": "16", "deposit_worth": "16.00", "price": "79"}, "At most a fifth"),
        ({"forecast": "0.01"}, "More than the forecast harvest allows."),
        ({"deposit": ""}, "This comes with a deposit, and only with one."),
        ({"sku": "6f8f57c0-0000-4000-8000-000000000000"}, "There is no such SKU."),
        ({"price": "99"}, "Below the ordinary price."),
    ],
)
def test_what_makes_no_sense_comes_back_at_its_field(manager, changes, sentence):
    page = manager.post(NEW, words(a_product(price_fen=9_900), **changes)).content.decode()

    assert sentence in page
    assert not PresaleTerms.objects.exists()


def test_a_manager_sees_pre_sales_and_their_orders(manager):
    preorder = with_deposit()

    listed = manager.get(desk.listed(_page(PresaleTerms))).content.decode()
    shown = manager.get(desk.one(preorder.terms)).content.decode()
    orders = manager.get(desk.listed(_page(type(preorder)))).content.decode()
    one = manager.get(desk.one(preorder)).content.decode()

    assert preorder.terms.activity.sku.product.title in listed
    assert "¥10.00 / ¥20.00" in shown
    assert "¥10.00 + ¥68.00" in orders
    assert preorder.order.number in one


def test_a_manager_says_once_that_it_cannot_be_delivered(manager):
    terms = a_presale()

    desk.act(manager, "default", terms)
    again = desk.act(manager, "default", terms)

    terms.refresh_from_db()
    assert terms.state == "DEFAULTED"
    assert terms.next_attempt_at == terms.defaulted_at > TEN
    assert "cannot be done in the present state" in again


def _page(model):
    return next(page for page in desk.pages() if page.model is model)
