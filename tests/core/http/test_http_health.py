"""Whoever keeps the market running can see how it is."""

import pytest
from django.db import OperationalError

from core.http import metrics, readiness
from core.outbox import pulse

pytestmark = [pytest.mark.urls("tests.support.interface"), pytest.mark.django_db]


def test_a_process_is_alive_without_asking_anybody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_needs_neither_the_name_of_the_market_nor_tls(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_a_probe_only_reads(client):
    assert client.post("/healthz").status_code == 405


def test_a_whole_market_is_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_what_is_missing_is_named(client, monkeypatch):
    def fail():
        raise OperationalError("no route 13900000003")

    monkeypatch.setitem(readiness._CHECKS, "database", fail)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_READY")
    assert answer.json()["missing"] == ["database"]
    assert "no route" not in answer.content.decode()


def test_a_database_behind_its_release_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(readiness.MigrationExecutor, "migration_plan", lambda *_: ["0009"])
    monkeypatch.setitem(readiness._CHECKS, "migrations", readiness._Migrations().check)

    assert client.get("/readyz").json()["missing"] == ["migrations"]


def test_the_figures_are_read_from_the_stores(client):
    pulse.client().set(pulse.WORKER, "1000")
    pulse.client().rpush("orders", "x")
    try:
        text = client.get("/metrics").content.decode()
    finally:
        pulse.client().delete("orders", pulse.WORKER)

    assert "market_deliveries_open 0.0" in text
    assert "market_deliveries_parked 0.0" in text
    assert "market_delivery_oldest_seconds 0.0" in text
    assert 'market_queue_length{queue="orders"} 1.0' in text
    assert 'market_heartbeat_age_seconds{process="worker"}' in text
    assert 'market_source_up{source="database"} 1.0' in text


def test_a_store_that_is_down_is_a_figure_of_its_own(client, monkeypatch):
    def fail(self):
        raise metrics.RedisError

    monkeypatch.setattr(metrics._Market, "_processes", fail)

    text = client.get("/metrics").content.decode()

    assert 'market_source_up{source="redis"} 0.0' in text
    assert "market_deliveries_open 0.0" in text


def test_every_enum_is_offered_in_both_languages(client):
    answer = client.get("/api/v1/meta/enums")

    assert answer.status_code == 200
    assert answer["ETag"]
    for codes in answer.json()["enums"].values():
        for code in codes:
            assert code["label"]["en"]
            assert code["label"]["zh-Hans"]
