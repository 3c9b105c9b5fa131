"""Each invariant of activities reports the row that was corrupted."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from marketplace.activities.services import activities
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db


def broken():
    names = [name for name in reconciling.names() if name.startswith("activities.")]
    return {result.name.partition(".")[2] for result in reconciling.run(names) if result.broken}


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount >= 1


def test_canary_pieces_are_set_apart_once():
    activity = an_activity()
    assert broken() == set()

    corrupt(f"UPDATE quotas_quotashard SET total = total - 1 WHERE quota_id = {activity.quota_id}")

    assert broken() == {"pieces_are_set_apart_once"}


def test_canary_nothing_stays_behind(now):
    activity = an_activity()
    with transaction.atomic():
        activities.end(activity, actor=SYSTEM, now=now)
    corrupt("UPDATE activities_activity SET next_attempt_at = NULL, returned = returned - 1")
    corrupt(f"UPDATE quotas_quotashard SET total = total + 1 WHERE quota_id = {activity.quota_id}")

    assert broken() == {"nothing_stays_behind"}


def test_canary_one_price_per_sku(now):
    product = a_product()
    an_activity(product)
    later = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    an_activity(product, kind="PRICE", **later)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        name = "activities_activity_one_price_at_an_instant"
        cursor.execute(f"ALTER TABLE activities_activity DROP CONSTRAINT {name}")
    corrupt("UPDATE activities_activity SET starts_at = starts_at - interval '30 minutes'")

    assert broken() == {"one_price_per_sku"}


def test_canary_one_flash_sale_per_product(now):
    product = a_product()
    an_activity(product)
    later = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    an_activity(product, kind="PRICE", **later)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX activities_activity_one_flash_sale_per_product")
    corrupt("UPDATE activities_activity SET kind = 'FLASH'")

    assert broken() == {"one_flash_sale_per_product"}
