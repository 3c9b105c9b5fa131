"""What the OpenAPI document promises is what the market answers, member by member."""

import copy
import re
from functools import cache

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from tests.support.addresses import ADDRESSES
from tests.support.caller import Caller
from tests.support.world import World

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"
KEYS = sorted(ADDRESSES)
WRITES = [key for key in KEYS if key[0] != "GET"]


@cache
def document():
    said = copy.deepcopy(SchemaGenerator().get_schema(request=None, public=True))
    for name, component in said["components"]["schemas"].items():
        if name != "Problem":
            _close(component)
    return said


def _close(schema):
    """Let no member through that the document does not name."""
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


def promised(method, pattern):
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/v1/{pattern}")
    return document()["paths"][path][method.lower()]


def broken_promises(caller):
    query = "?from=2026-11-01&to=2026-12-01" if caller.pattern.startswith("reports/") else ""
    answer = caller.send(caller.good(), caller.path() + query)
    said = promised(caller.method, caller.pattern)["responses"].get(str(answer.status_code))
    if said is None:
        return [f"{answer.status_code} is not in the document: {answer.getvalue()[:300]}"]
    content = said.get("content", {})
    body = answer.getvalue()
    if not body:
        return ["a body was promised"] if content else []
    media_type = answer.headers["Content-Type"].split(";")[0]
    if media_type not in content:
        return [f"{media_type} is not in the document"]
    if media_type == "text/csv":
        return [] if body.count(b"\n") > 1 else ["the file is empty: put something into it"]
    if caller.method == "GET" and answer.json().get("results") == []:
        return ["the list is empty: put something into it in World.furnish"]
    schema = {**content[media_type]["schema"], "components": document()["components"]}
    return [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}"
        for fault in Draft202012Validator(schema).iter_errors(answer.json())
    ]


def test_every_reading_is_what_the_document_promises():
    world = World()
    world.furnish()

    broken = {
        pattern: broken_promises(Caller(method, pattern, ADDRESSES[method, pattern], world))
        for method, pattern in KEYS
        if method == "GET"
    }

    assert {pattern: faults for pattern, faults in broken.items() if faults} == {}


@pytest.mark.parametrize(("method", "pattern"), WRITES, ids=[f"{m} {p}" for m, p in WRITES])
def test_every_writing_is_answered_as_the_document_promises(method, pattern):
    assert broken_promises(Caller(method, pattern, ADDRESSES[method, pattern])) == []


def test_a_broken_promise_would_be_noticed(monkeypatch):
    """The canary: the document says something else."""
    changed = copy.deepcopy(document())
    changed["components"]["schemas"]["AccountsUserOutput"]["properties"] = {}
    monkeypatch.setattr(f"{__name__}.document", lambda: changed)

    assert broken_promises(Caller("GET", "me", ADDRESSES["GET", "me"])) != []


@pytest.mark.parametrize(("method", "pattern"), KEYS, ids=[f"{m} {p}" for m, p in KEYS])
def test_a_stranger_is_refused_as_the_document_promises(method, pattern):
    address = ADDRESSES[method, pattern]
    caller = Caller(method, pattern, address)
    is_public = promised(method, pattern).get("security") in (None, [])

    caller.headers = {}
    answer = caller.send(None)

    assert is_public == (address.who is None)
    if not is_public:
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
        assert answer.headers["WWW-Authenticate"]
