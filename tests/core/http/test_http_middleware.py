"""What every request and every answer has in common."""

import json

import pytest
import structlog

pytestmark = pytest.mark.urls("tests.support.interface")


def test_a_request_keeps_the_id_that_it_came_with(client):
    answer = client.get("/api/v1/tagged", headers={"X-Request-Id": "trace-0001"})

    assert answer["X-Request-Id"] == "trace-0001"


@pytest.mark.parametrize(
    "asked", ["", "short", "x" * 65, "with blank", "a\tb-long-enough", "é" * 9]
)
def test_an_id_that_could_spoil_a_log_is_replaced(client, asked):
    given = client.get("/api/v1/tagged", headers={"X-Request-Id": asked})["X-Request-Id"]

    assert given != asked
    assert len(given) == 32


def test_each_request_writes_one_line(client, capsys):
    client.get("/api/v1/tagged?phone=13900000003", headers={"X-Request-Id": "trace-0002"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["request_id"] == "trace-0002"
    assert (line["method"], line["route"], line["status"]) == ("GET", "api/v1/tagged", 200)
    assert line["ms"] >= 0
    assert "13900000003" not in json.dumps(lines)


def test_nothing_of_a_request_stays_behind(client):
    client.get("/api/v1/tagged")

    assert structlog.contextvars.get_contextvars() == {}


def test_a_post_may_mean_another_method(client):
    answer = client.post(
        "/api/v1/wide",
        {"name": "茶"},
        content_type="application/json",
        headers={"X-HTTP-Method-Override": "PATCH"},
    )

    assert answer.json() == {"name": "茶"}


def test_only_a_post_may_mean_another_method(client):
    answer = client.get("/api/v1/tagged", headers={"X-HTTP-Method-Override": "DELETE"})

    assert answer.status_code == 200


def test_a_post_cannot_mean_a_method_that_reads(client):
    answer = client.post("/api/v1/wide", headers={"X-HTTP-Method-Override": "GET"})

    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_REQUEST")


def test_a_body_of_unknown_length_is_refused_and_not_taken_for_none(client):
    answer = client.patch(
        "/api/v1/wide",
        {"name": "茶"},
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked", "Content-Length": ""},
    )

    assert (answer.status_code, answer.json()["code"]) == (411, "LENGTH_REQUIRED")


def test_no_origin_is_welcome_by_default(client):
    answer = client.get("/api/v1/tagged", headers={"Origin": "https://shop.example"})

    assert "Access-Control-Allow-Origin" not in answer


def test_a_named_origin_may_read_and_see_the_headers(client, settings):
    settings.MARKETPLACE_CORS_ORIGINS = ["https://shop.example"]

    answer = client.get("/api/v1/tagged", headers={"Origin": "https://shop.example"})

    assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
    assert set(answer["Access-Control-Expose-Headers"].split(", ")) == {
        "ETag",
        "Retry-After",
        "RateLimit",
        "Idempotent-Replayed",
        "X-Request-Id",
    }
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_a_named_origin_may_ask_first(client, settings):
    settings.MARKETPLACE_CORS_ORIGINS = ["https://shop.example"]

    answer = client.options(
        "/api/v1/wide",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "PATCH"},
    )

    assert answer.status_code == 204
    assert "Idempotency-Key" in answer["Access-Control-Allow-Headers"]


def test_another_origin_stays_outside(client, settings):
    settings.MARKETPLACE_CORS_ORIGINS = ["https://shop.example"]

    answer = client.get("/api/v1/tagged", headers={"Origin": "https://shop.example.evil"})

    assert "Access-Control-Allow-Origin" not in answer


def test_what_is_somebodys_is_not_kept_by_caches(client):
    guarded = client.get("/api/v1/guarded", headers={"Authorization": "Bearer x", "Person": "5"})
    public = client.get("/api/v1/tagged")

    assert (guarded["Cache-Control"], public["Cache-Control"]) == ("no-store", "no-cache")
