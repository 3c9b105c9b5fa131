"""Whoever looks for an order in the logs finds every request and task that moved it."""

import json

import pytest
import structlog
from django.db import transaction

from orders.placement.services import fulfilment
from tests.factories import orders
from tests.support.addresses import ADDRESSES
from tests.support.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clear():
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


def test_the_request_that_places_an_order_names_it(capsys):
    caller = Caller("POST", "orders", ADDRESSES["POST", "orders"])
    body = caller.good()
    structlog.contextvars.clear_contextvars()
    capsys.readouterr()

    answer = caller.send(body)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (request,) = [line for line in lines if line["event"] == "request"]
    assert request["order_number"] == answer.json()["number"]
    assert request["request_id"] == answer["X-Request-Id"]


def test_the_work_behind_an_order_names_it(now):
    order = orders.an_order(paid=True, now=now)
    structlog.contextvars.clear_contextvars()

    with transaction.atomic():
        fulfilment.plan(str(order.reference), now=now)

    assert structlog.contextvars.get_contextvars() == {"order_number": order.number}
