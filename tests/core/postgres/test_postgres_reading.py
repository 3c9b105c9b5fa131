"""Rows read by a condition written by hand are the rows that a QuerySet returns."""

import pytest

from core.outbox.models import Message
from core.postgres.reading import rows_of
from orders.placement.models import Order
from tests.factories.orders import an_order

pytestmark = pytest.mark.django_db


def test_a_row_is_what_a_query_set_makes_of_it(queries_of):
    order = an_order()
    found = []

    statements = queries_of(lambda: found.extend(rows_of(Order, "WHERE id = %s", [order.pk])))

    (row,) = found
    queried = Order.objects.get(pk=order.pk)
    names = [field.attname for field in Order._meta.concrete_fields]
    assert [getattr(row, name) for name in names] == [getattr(queried, name) for name in names]
    # Sealed in its column, and read.
    assert row.recipient
    assert statements == 1


def test_json_is_read_and_nothing_found_is_nothing(now):
    Message.objects.create(topic="t", body={"a": [1, None]}, recorded_at=now)

    (row,) = rows_of(Message, "WHERE topic = %s ORDER BY id", ["t"])

    assert row.body == {"a": [1, None]}
    assert rows_of(Message, "WHERE topic = %s", ["other"]) == []
