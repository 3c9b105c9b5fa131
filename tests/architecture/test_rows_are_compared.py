"""What says in other tests that nothing has changed notices whatever has."""

import pytest
from django.db import transaction

from shops.storefronts.models import Shop
from tests.factories.storefronts import a_shop
from tests.support import rows

pytestmark = pytest.mark.django_db


def test_a_new_row_a_changed_one_and_one_less_are_noticed():
    shop = a_shop()
    seen = [rows.everything()]

    another = a_shop()
    seen.append(rows.everything())
    Shop.objects.filter(pk=shop.pk).update(name="另一个名字")
    seen.append(rows.everything())
    Shop.objects.filter(pk=another.pk).delete()
    seen.append(rows.everything())

    assert all(one != other for place, one in enumerate(seen) for other in seen[:place])


def test_what_is_written_and_rolled_back_is_no_change():
    a_shop()
    before = rows.everything()

    with transaction.atomic():
        a_shop()
        transaction.set_rollback(True)

    assert rows.everything() == before


def test_what_is_read_and_rolled_back_is_forgotten():
    shop = a_shop()

    with rows.undone() as before:
        Shop.objects.filter(pk=shop.pk).update(name="另一个名字")
        meanwhile = rows.everything()

    assert meanwhile != before
    assert rows.everything() == before == rows._read(sorted(before))


def test_canary_read_and_rolled_back_elsewhere_it_would_be_remembered():
    shop = a_shop()
    before = rows.everything()
    here = transaction.savepoint()
    Shop.objects.filter(pk=shop.pk).update(name="另一个名字")
    rows.everything()
    transaction.savepoint_rollback(here)

    assert rows.everything() != before == rows._read(sorted(before))
