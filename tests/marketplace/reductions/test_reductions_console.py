"""Full reductions in the staff console."""

import pytest
from django.utils import timezone

from core.accounts.domain.roles import Role
from tests.factories.catalogue import a_product
from tests.factories.reductions import a_reduction
from tests.support import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def test_a_manager_sees_what_shops_take_off(manager):
    product = a_product()
    reduction = a_reduction(product.shop, product, now=timezone.now())
    whole = a_reduction(now=timezone.now())

    listed = manager.get(desk.listed_of(reduction)).content.decode()
    page = manager.get(desk.one(reduction)).content.decode()

    assert reduction.name in listed
    assert whole.shop.name in listed
    assert "Everything the shop sells" in listed
    assert "¥5.00 off from ¥50.00" in page
    assert product.title in page


def test_a_manager_ends_one_with_a_reason(manager):
    reduction = a_reduction(now=timezone.now())

    desk.act(manager, "end", reduction, reason="wrong price")
    again = desk.act(manager, "end", reduction)

    reduction.refresh_from_db()
    assert reduction.state == "ENDED"
    assert "cannot be done in the present state" in again
    assert "wrong price" in manager.get(desk.one(reduction)).content.decode()
