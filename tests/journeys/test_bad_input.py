"""Bad input at every address: a refusal with a code and a pointer, and nothing has changed.

Each good body of `tests/support/addresses.py` is first seen accepted, so that what refuses the
spoiled one is the spoiling (`domain.md` 2.17).
"""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.support.addresses import ADDRESSES
from tests.support.caller import Caller
from tests.support.routes import every_route
from tests.support.rows import everything
from tests.support.spoiling import leaves, spoiled, spoilings

pytestmark = pytest.mark.django_db

BAD_BODIES = {
    "not JSON": b"{",
    "a list": b"[]",
    "a word": b'"word"',
    "null": b"null",
    "not a number": b'{"x": NaN}',
    "a name twice": b'{"x": 1, "x": 2}',
    "not UTF-8": b'{"x": "\xff"}',
    "too deep": b'{"x": ' + b"[" * 200 + b"]" * 200 + b"}",
    "far too deep": b"[" * 100_000,
}
SPOILED_NAMES = {
    "unknown": str(uuid4()),
    "garbage": "garbage",
    "nought": "0",
    "negative": "-1",
    "endless": "x" * 300,
    "nul": "%00",
    "emoji": "%F0%9F%8D%8A",
    "not UTF-8": "%FF",
}
SPOILED_QUERIES = ["\x00", "\u202e", "x" * 5_000, "-1", "garbage", "9" * 30, "'; --", "👩‍🌾"]


ROUTES = every_route()
WRITING = sorted(key for key, address in ADDRESSES.items() if address.body is not None)


def names(keys):
    return [f"{method} {pattern}" for method, pattern in keys]


def refusal_of(answer: Any, what: str) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.content[:600])
    assert answer["Content-Type"] == "application/problem+json", what
    said = answer.json()
    assert said["code"], what
    return said


def assert_points_at(said: dict[str, Any], pointer: str, what: str) -> None:
    if said["code"] == "INVALID_INPUT":
        pointers = [fault["pointer"] for fault in said["errors"]]
        assert any(given.startswith(pointer) or pointer.startswith(given) for given in pointers), (
            what,
            said["errors"],
        )


def test_every_address_is_in_the_table():
    assert set(ROUTES) == set(ADDRESSES)


@pytest.mark.parametrize(("method", "pattern"), sorted(ADDRESSES), ids=names(sorted(ADDRESSES)))
def test_the_good_request_is_understood(method, pattern):
    """Otherwise nothing below would mean anything."""
    address = ADDRESSES[method, pattern]
    caller = Caller(method, pattern, address)
    query = "?from=2026-11-01&to=2026-12-01" if pattern.startswith("reports/") else ""

    answer = caller.send(caller.good(), caller.path() + query)

    if address.refused:
        assert answer.status_code == address.refused, answer.content[:600]
    else:
        assert 200 <= answer.status_code < 300, answer.content[:600]


@pytest.mark.parametrize(("method", "pattern"), WRITING, ids=names(WRITING))
def test_a_spoiled_body_is_refused_and_nothing_changes(method, pattern):
    address = ADDRESSES[method, pattern]
    caller = Caller(method, pattern, address)
    good = address.body(caller.world)
    before = everything()

    for pointer, value in leaves(good):
        for kind, wrong in spoilings(value).items():
            if kind in address.takes.get(pointer, ()):
                continue
            what = f"{pointer}: {kind}"
            said = refusal_of(caller.send(spoiled(good, pointer, wrong)), what)
            assert_points_at(said, pointer, what)
    for pointer, value in [("", good), *leaves(good)]:
        if isinstance(value, dict):
            strange = f"{pointer}/no_such_field"
            said = refusal_of(caller.send(spoiled(good, strange, 1)), strange)
            assert_points_at(said, strange, strange)

    assert everything() == before


@pytest.mark.parametrize(("method", "pattern"), WRITING, ids=names(WRITING))
def test_a_body_that_cannot_be_read_is_refused(method, pattern):
    caller = Caller(method, pattern, ADDRESSES[method, pattern])
    before = everything()

    for what, body in BAD_BODIES.items():
        refusal_of(caller.send(body), what)
    if "callbacks" not in pattern:
        said = refusal_of(caller.send("a=1", media_type="text/csv"), "another type")
        assert said["code"] == "UNSUPPORTED_MEDIA_TYPE"

    assert everything() == before


WINDOWS = [
    (key, start, end)
    for key, start, end in [
        (("POST", "staff/coupon-batches"), "claim_from", "claim_until"),
        (("POST", "seller/shops/<uuid:shop>/coupon-batches"), "claim_from", "claim_until"),
        (("POST", "staff/sections"), "opens_at", "closes_at"),
        (("POST", "seller/shops/<uuid:shop>/group-buys"), "starts_at", "ends_at"),
        (("POST", "seller/shops/<uuid:shop>/presales"), "starts_at", "ends_at"),
        (("POST", "seller/shops/<uuid:shop>/presales"), "ship_from", "ship_until"),
        (("POST", "seller/shops/<uuid:reference>/licences"), "valid_from", "valid_until"),
    ]
]


@pytest.mark.parametrize(("key", "start", "end"), WINDOWS)
def test_a_window_that_does_not_go_forward_is_refused(key, start, end):
    address = ADDRESSES[key]
    caller = Caller(*key, address)
    good = address.body(caller.world)
    before = everything()

    for last in (good[start], "2020-01-01T00:00:00Z"[: len(good[start])]):
        refusal_of(caller.send(good | {end: last}), f"{end} = {last}")

    assert everything() == before


@pytest.mark.parametrize(("method", "pattern"), sorted(ADDRESSES), ids=names(sorted(ADDRESSES)))
def test_a_garbage_address_is_refused_and_nothing_changes(method, pattern):
    address = ADDRESSES[method, pattern]
    if "<" not in pattern:
        return
    caller = Caller(method, pattern, address)
    body = caller.good()
    before = everything()

    for name in re.findall(r"<(?:\w+:)?(\w+)>", pattern):
        for kind, wrong in SPOILED_NAMES.items():
            if kind not in address.takes.get(name, ()):
                refusal_of(caller.send(body, caller.path(**{name: wrong})), f"{name}: {kind}")

    assert everything() == before


READING = sorted(key for key in ADDRESSES if key[0] == "GET")


@pytest.mark.parametrize(("method", "pattern"), READING, ids=names(READING))
def test_a_spoiled_query_is_never_a_server_fault(method, pattern):
    caller = Caller(method, pattern, ADDRESSES[method, pattern])
    declared = ROUTES[method, pattern].get.operation
    asked = list(declared.query().fields) if declared.query else []
    before = everything()

    for name in asked:
        for wrong in SPOILED_QUERIES:
            answer = caller.client.get(caller.path(), {name: wrong}, **caller.headers)
            assert answer.status_code < 500, (name, wrong, answer.content[:600])
    for query in ({"no_such_field": "1"}, *([{name: ["a", "b"]} for name in asked])):
        if declared.query:
            refusal_of(caller.client.get(caller.path(), query, **caller.headers), str(query))
    for query in ({"cursor": "x"}, {"page_size": "0"}, {"page_size": "101"}):
        if declared.paged:
            refusal_of(caller.client.get(caller.path(), query, **caller.headers), str(query))

    assert everything() == before
