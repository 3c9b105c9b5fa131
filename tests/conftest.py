"""What every test may ask for: a fixed now, people at once, the API, counted statements."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings

from core.accounts.models import User
from core.http import gates, limits
from core.local import programs
from tests.factories.accounts import bearer
from tests.support.reference_data import django_db_setup as django_db_setup

# A busy machine is no fault of the code under test.
settings.register_profile("market", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("market")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="all of what is otherwise sampled")


@pytest.fixture
def now() -> datetime:
    """One fixed instant: 11 November 2026, noon in China."""
    return datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run calls at the same instant, each on a connection of its own; return what each gave.

    What a call raises is returned in its place.
    """

    def run(*calls: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(calls))
        outcomes: list[Any] = [None] * len(calls)

        def one(place: int, call: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                barrier.wait(timeout=20)
                outcomes[place] = call()
            except Exception as raised:  # noqa: BLE001
                outcomes[place] = raised
            finally:
                connection.close()

        threads = [
            threading.Thread(target=one, args=(place, call), daemon=True)
            for place, call in enumerate(calls)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=40)
        return outcomes

    return run


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """Ask the API as somebody, each POST under a key of its own; further headers may come along."""

    def call(user: User | None, method: str, address: str, body: Any = None, **headers: str) -> Any:
        said = (bearer(user) if user else {}) | headers
        if method == "POST":
            said.setdefault("HTTP_IDEMPOTENCY_KEY", str(uuid4()))
        return client.generic(
            method,
            f"/api/v1/{address}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            **said,
        )

    return call


@pytest.fixture
def queries_of() -> Callable[[Callable[[], Any]], int]:
    """Count the statements of a call, BEGIN and COMMIT excluded.

    Nor is it counted when a process draws numbers for its next orders ahead.
    """

    def count(call: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            call()
        skipped = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
        return sum(
            not query["sql"].startswith(skipped) and "placement_order_number" not in query["sql"]
            for query in captured.captured_queries
        )

    return count


@pytest.fixture(autouse=True)
def _nobody_was_here_before() -> None:
    """Forget what rate limits have counted, gates, and messages that no worker was there for."""
    client = limits._counter().client
    client.delete(*programs.QUEUES, *client.scan_iter("limit:*", count=1_000))
    # No gate stands before anything until somebody writes one.
    gates.write([])
