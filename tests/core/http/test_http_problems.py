"""Every refusal of an API address is problem+json, in the caller's language."""

from pathlib import Path

import pytest
from django.test import Client

from core.http import pages
from tests.support.interface import Unripe

pytestmark = pytest.mark.urls("tests.support.interface")


def problem(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert said["request_id"] == answer["X-Request-Id"]
    assert said["type"].endswith(f"/problems/{code.lower().replace('_', '-')}")
    return said


def test_a_refusal_carries_its_sentence_its_detail_and_its_facts(client):
    said = problem(
        client.get("/api/v1/refusing?kind=unripe", headers={"Accept-Language": "en"}),
        409,
        "UNRIPE",
    )

    assert (said["title"], said["detail"], said["days"]) == (Unripe.__doc__, "Two more days.", 2)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("", "还没有熟。"),
        ("zh-Hans", "还没有熟。"),
        ("zh-CN", "还没有熟。"),
        ("en", "It is not ripe yet."),
        ("en-GB, zh;q=0.5", "It is not ripe yet."),
        ("fr", "还没有熟。"),
    ],
)
def test_the_sentence_is_in_the_language_of_the_caller(client, language, title):
    answer = client.get("/api/v1/refusing?kind=unripe", headers={"Accept-Language": language})

    assert answer.json()["title"] == title


def test_faults_are_told_in_the_language_of_the_caller(client):
    def detail(language):
        answer = client.post(
            "/api/v1/wide",
            {"price_fen": "x", "name": "茶"},
            content_type="application/json",
            headers={"Accept-Language": language},
        )
        return answer.json()["errors"][0]["detail"]

    assert (detail("en"), detail("zh-Hans")) == ("A whole number is expected.", "请填写整数。")


def test_a_stranger_is_told_how_to_sign_in(client):
    answer = client.get("/api/v1/guarded")

    problem(answer, 401, "NOT_SIGNED_IN")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_is_told_the_same(client):
    problem(client.get("/api/v1/guarded", headers={"Person": "0"}), 401, "NOT_SIGNED_IN")


def test_what_is_not_permitted_is_forbidden(client):
    problem(client.get("/api/v1/refusing?kind=denied"), 403, "FORBIDDEN")


def test_a_wrong_method_is_told_the_right_ones(client):
    answer = client.delete("/api/v1/wide")

    problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert "PATCH" in answer["Allow"]


def test_only_json_is_offered(client):
    problem(client.get("/api/v1/tagged", headers={"Accept": "text/csv"}), 406, "NOT_ACCEPTABLE")


def test_a_throttled_caller_hears_when_to_return(client):
    answer = client.get("/api/v1/refusing?kind=throttled")

    problem(answer, 429, "TOO_MANY_REQUESTS")
    assert answer["Retry-After"] == "7"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/wide/"])
def test_an_unknown_address_is_a_problem_too(client, path):
    problem(client.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/api/v1/refusing?kind=broken", "/api/v1/broken"])
def test_a_bug_is_a_server_fault_that_tells_nothing(path):
    answer = Client(raise_request_exception=False).get(path)

    said = problem(answer, 500, "SERVER_FAULT")
    assert "bug" not in str(said)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/wi%00de", "/api/v1/wide?search=%00", "/api/v1/wide?search=%FF", "/api/v1/%FF"],
)
def test_an_address_that_is_not_text_is_malformed(client, path):
    problem(client.get(path), 400, "MALFORMED_REQUEST")


def test_an_unknown_host_is_refused_in_json(client):
    problem(
        client.get("/api/v1/tagged", headers={"Host": "evil.example"}), 400, "MALFORMED_REQUEST"
    )


def test_the_page_that_type_points_at_explains_the_refusal(client):
    answer = client.get("/problems/idempotency-mismatch")

    assert answer.status_code == 200
    assert "<h1>IDEMPOTENCY_MISMATCH</h1>" in answer.content.decode()
    assert "<code>Idempotency-Key</code>" in answer.content.decode()


def test_there_is_no_page_for_an_unknown_refusal(client):
    assert client.get("/problems/no-such-thing").status_code == 404


def test_a_page_cannot_inject_markup():
    assert pages.page_of("# A\nb <script> `c<d`\n\n- one\n- **two**") == (
        "<h1>A</h1>\n<p>b &lt;script&gt; <code>c&lt;d</code></p>\n"
        "<ul><li>one\n</li><li><strong>two</strong></li></ul>"
    )


def test_the_pages_are_where_the_server_looks(settings):
    assert (Path(settings.ROOT) / "docs" / "problems" / "busy.md").is_file()


def test_whoever_sends_thousands_of_faults_hears_of_the_first_hundred(client):
    body = {f"name {number}": number for number in range(5_000)}

    answer = client.post("/api/v1/wide", body, content_type="application/json")

    assert len(problem(answer, 400, "INVALID_INPUT")["errors"]) == 100
