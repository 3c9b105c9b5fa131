"""Each invariant of full reductions reports the row that was corrupted."""

from datetime import timedelta

import pytest
from django.db import connection

from core import reconciling
from tests.factories.catalogue import a_product
from tests.factories.reductions import a_reduction

pytestmark = pytest.mark.django_db


def broken():
    names = [name for name in reconciling.names() if name.startswith("reductions.")]
    return {result.name.partition(".")[2] for result in reconciling.run(names) if result.broken}


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount >= 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE reductions_reductioncover SET ended_at = now()",
        "UPDATE reductions_reductioncover SET ends_at = ends_at + interval '1 hour'",
        "DELETE FROM reductions_reductioncover",
    ],
)
def test_canary_covers_stand_where_their_reduction_stands(now, sql):
    a_reduction(now=now)
    assert broken() == set()

    corrupt(sql)

    assert broken() == {"covers_stand_where_their_reduction_stands"}


def test_canary_one_per_product(now):
    product = a_product()
    a_reduction(product.shop, now=now, starts_at=now, ends_at=now + timedelta(hours=1))
    later = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    a_reduction(product.shop, product, now=now, **later)
    assert broken() == set()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        name = "reductions_reductioncover_one_at_an_instant"
        cursor.execute(f"ALTER TABLE reductions_reductioncover DROP CONSTRAINT {name}")
    for table in ("reductions_reductioncover", "reductions_shopreduction"):
        corrupt(f"UPDATE {table} SET starts_at = starts_at - interval '30 minutes'")

    assert broken() == {"one_per_product"}


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM reductions_reductiontier",
        "UPDATE reductions_reductiontier SET amount_fen = 400 WHERE threshold_fen = 8000",
    ],
)
def test_canary_each_has_its_tiers(now, sql):
    a_reduction(now=now)
    assert broken() == set()

    corrupt(sql)

    assert broken() == {"each_has_its_tiers"}
