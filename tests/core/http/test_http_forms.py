"""Bad input is refused by forms, before it reaches a service or the database (domain.md 2.17)."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.support.interface")

GOOD = {"price_fen": 1990, "name": "脐橙"}


@pytest.fixture
def send(client: Client):
    def post(body, **headers):
        return client.post("/api/v1/wide", body, content_type="application/json", headers=headers)

    return post


def faults(answer):
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


def test_good_words_come_through(send):
    sku = str(uuid4())

    answer = send(
        GOOD
        | {
            "weight_g": 5_000,
            "story": "第一行\n第二行",
            "is_open": True,
            "kind": "RAW",
            "from_at": "2026-11-11T12:00:00+08:00",
            "until_at": "2026-11-11T13:00:00+08:00",
            "picked_on": "2026-11-10",
            "lines": [{"sku": sku, "quantity": 2}],
            "tags": ["甜"],
        }
    )

    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["from_at"] == datetime(2026, 11, 11, 4, tzinfo=UTC).isoformat()
    assert said["lines"] == [{"sku": sku, "quantity": 2}]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"price_fen": -1}, "/price_fen", "MIN_VALUE"),
        ({"price_fen": 10**13 + 1}, "/price_fen", "MAX_VALUE"),
        ({"price_fen": 2**63}, "/price_fen", "MAX_VALUE"),
        ({"price_fen": 10**30}, "/price_fen", "MAX_VALUE"),
        ({"price_fen": "1990"}, "/price_fen", "NOT_AN_INTEGER"),
        ({"price_fen": 19.9}, "/price_fen", "NOT_AN_INTEGER"),
        ({"price_fen": True}, "/price_fen", "NOT_AN_INTEGER"),
        ({"price_fen": None}, "/price_fen", "NULL"),
        ({"price_fen": [1]}, "/price_fen", "NOT_AN_INTEGER"),
        ({"weight_g": 0}, "/weight_g", "MIN_VALUE"),
        ({"name": ""}, "/name", "BLANK"),
        ({"name": 7}, "/name", "NOT_TEXT"),
        ({"name": "x" * 11}, "/name", "MAX_LENGTH"),
        ({"name": "a\x00b"}, "/name", "FORBIDDEN_CHARACTER"),
        ({"name": "a\nb"}, "/name", "FORBIDDEN_CHARACTER"),
        ({"name": "\u202egnp.exe"}, "/name", "FORBIDDEN_CHARACTER"),
        ({"name": "\u200f橙"}, "/name", "FORBIDDEN_CHARACTER"),
        ({"is_open": "yes"}, "/is_open", "NOT_TRUE_OR_FALSE"),
        ({"is_open": 1}, "/is_open", "NOT_TRUE_OR_FALSE"),
        ({"kind": "RAWISH"}, "/kind", "INVALID_CHOICE"),
        ({"kind": ["RAW"]}, "/kind", "NOT_TEXT"),
        ({"from_at": "2026-11-11T12:00:00"}, "/from_at", "NAIVE_TIME"),
        ({"from_at": "soon"}, "/from_at", "NOT_AN_INSTANT"),
        ({"from_at": "2026-02-30T12:00:00Z"}, "/from_at", "NOT_AN_INSTANT"),
        ({"from_at": "0001-01-01T00:00:00+14:00"}, "/from_at", "NOT_AN_INSTANT"),
        ({"from_at": 5}, "/from_at", "NOT_AN_INSTANT"),
        ({"from_at": "2026-11-11T12:00:00+08:00\x00"}, "/from_at", "NOT_AN_INSTANT"),
        ({"picked_on": "2026-13-01"}, "/picked_on", "NOT_A_DATE"),
        (
            {"from_at": "2026-11-11T12:00:00Z", "until_at": "2026-11-11T12:00:00Z"},
            "/until_at",
            "WINDOW_NOT_FORWARD",
        ),
        ({"lines": "all"}, "/lines", "NOT_A_LIST"),
        ({"lines": [{"sku": "7", "quantity": 1}]}, "/lines/0/sku", "NOT_AN_ID"),
        (
            {"lines": [{"sku": str(uuid4()), "quantity": 1}, {"sku": 7, "quantity": 1}]},
            "/lines/1/sku",
            "NOT_AN_ID",
        ),
        (
            {"lines": [{"sku": str(uuid4()), "quantity": 1, "price_fen": 1}]},
            "/lines/0/price_fen",
            "UNKNOWN_FIELD",
        ),
        ({"lines": [{"sku": str(uuid4()), "quantity": 1}] * 4}, "/lines", "MAX_LENGTH"),
        ({"tags": ["甜", "much too long"]}, "/tags/1", "MAX_LENGTH"),
        ({"colour/shade~": 1}, "/colour~1shade~0", "UNKNOWN_FIELD"),
    ],
)
def test_a_bad_value_is_named_by_its_pointer_and_its_rule(send, change, pointer, code):
    assert faults(send(GOOD | change)) == {(pointer, code)}


def test_every_fault_is_told_at_once(send):
    answer = send({"price_fen": -1, "colour": "red"})

    assert faults(answer) == {
        ("/price_fen", "MIN_VALUE"),
        ("/name", "REQUIRED"),
        ("/colour", "UNKNOWN_FIELD"),
    }


def test_a_body_that_is_not_an_object_is_refused(send):
    assert faults(send("[1, 2]")) == {("", "INVALID")}


def test_text_is_composed_so_that_equal_names_are_equal(send):
    assert send(GOOD | {"name": "e\u0301"}).json()["name"] == "\u00e9"


def test_emoji_and_names_written_from_right_to_left_are_people_too(send):
    for name in ("👩‍🌾张", "محمد"):
        assert send(GOOD | {"name": name}).json()["name"] == name


def test_a_change_may_leave_out_what_stays(client):
    answer = client.patch("/api/v1/wide", {"name": "茶"}, content_type="application/json")

    assert answer.json() == {"name": "茶"}


def test_what_stands_inside_a_change_is_whole(client):
    answer = client.patch("/api/v1/wide", {"lines": [{}]}, content_type="application/json")

    assert faults(answer) == {("/lines/0/sku", "REQUIRED"), ("/lines/0/quantity", "REQUIRED")}


def test_a_query_is_read_as_strictly_as_a_body(client):
    shop = str(uuid4())
    path = "/api/v1/wide?search=%E6%A9%99&min_price_fen=5&is_open=true&cursor=x&page_size=5"

    assert client.get(f"{path}&shops={shop}&shops={shop}").json() == {
        "search": "橙",
        "min_price_fen": 5,
        "is_open": True,
        "shops": [shop, shop],
    }


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("min_price_fen=cheap", "/min_price_fen", "NOT_AN_INTEGER"),
        ("min_price_fen=-1", "/min_price_fen", "MIN_VALUE"),
        ("min_price_fen=99999999999999999999999999", "/min_price_fen", "MAX_VALUE"),
        ("min_price_fen=١", "/min_price_fen", "NOT_AN_INTEGER"),
        ("colour=red", "/colour", "UNKNOWN_FIELD"),
        ("search=a&search=b", "/search", "REPEATED"),
        ("is_open=yes", "/is_open", "NOT_TRUE_OR_FALSE"),
    ],
)
def test_a_bad_query_is_refused(client, query, pointer, code):
    assert faults(client.get(f"/api/v1/wide?{query}")) == {(pointer, code)}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'price_fen': 1}",
        b'{"price_fen": NaN}',
        b'{"price_fen": Infinity}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'{"price_fen": 1, "price_fen": 2}',
        b'{"lines": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 100_000,
    ],
)
def test_what_is_not_strict_json_is_malformed(send, body):
    answer = send(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_REQUEST")


def test_a_body_of_another_type_is_not_read(client):
    answer = client.post("/api/v1/wide", "price_fen=1", content_type="text/csv")

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_beyond_the_limit_is_not_read_to_its_end(send):
    answer = send(b'{"name": "' + b"x" * 1_000_001 + b'"}')

    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
