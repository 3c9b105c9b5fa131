"""Flash sales in the staff console."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.periods import SHANGHAI
from marketplace.activities.models import Activity
from tests.factories.activities import a_flash_sale, an_activity
from tests.factories.catalogue import a_product
from tests.support import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def wall(hours):
    return (timezone.now() + timedelta(hours=hours)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def said(product, **changes):
    return {
        "sku": str(product.skus.get().reference),
        "price": "19.90",
        "quantity": "20",
        "per_user_limit": "1",
        "starts_at": wall(1),
        "ends_at": wall(3),
    } | changes


def test_a_manager_sees_flash_sales_and_no_other_kind(manager):
    sale = a_flash_sale(now=timezone.now())
    group = an_activity(kind="GROUP")

    listed = manager.get(desk.listed_of(sale)).content.decode()
    page = manager.get(desk.one(sale)).content.decode()

    assert sale.product.title in listed
    assert group.product.title not in listed
    assert "¥10.00 (list ¥30.00)" in page
    assert "left 10" in page


def test_a_manager_plans_one_and_hears_what_is_wrong_at_its_field(manager):
    product = a_product(price_fen=3_990)
    address = reverse("admin:activities_activity_add")

    wrong = manager.post(address, said(product, price="39.00")).content.decode()
    unknown = manager.post(address, said(product, sku="nothing")).content.decode()
    manager.post(address, said(product))

    assert "outside the part of the ordinary price" in wrong
    assert "There is no such SKU." in unknown
    assert (Activity.objects.get().kind, Activity.objects.get().price_fen) == ("FLASH", 1_990)


def test_a_manager_ends_one_with_a_reason(manager):
    sale = a_flash_sale(now=timezone.now())

    desk.act(manager, "end", sale, reason="wrong price")
    again = desk.act(manager, "end", sale)

    sale.refresh_from_db()
    assert (sale.state, sale.returned) == ("ENDED", 10)
    assert "cannot be done in the present state" in again
    assert "wrong price" in manager.get(desk.one(sale)).content.decode()
