"""Nothing is written but what `writable.txt` names: mass assignment at every form of the API."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from rest_framework import serializers

from core.http import problems
from core.http.schema import declared_of
from tests.factories.accounts import bearer
from tests.support.addresses import ADDRESSES
from tests.support.house import is_ours
from tests.support.routes import every_route
from tests.support.rows import everything
from tests.support.town import Town, a_picture
from tests.support.visits import asked

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(180)]

PEOPLE = sorted({address.who for address in ADDRESSES.values() if address.who})
WRITING = ("POST", "PUT", "PATCH")
# What is tried on every form besides the columns of all tables.
TEMPTING = {"pk", "role", "roles", "groups", "is_superuser", "user", "shop", "_state", "__class__"}


def writable():
    rows = {}
    for line in (Path(__file__).parent / "writable.txt").read_text().splitlines():
        words = line.split()
        if words and words[0].isupper():
            rows[words[0], words[1]] = set(words[2:]) - {"-"}
    return rows


WRITABLE = writable()
FORMS = [route for route, fields in WRITABLE.items() if fields != {"*"}]


def fields_of(form, prefix: str = "") -> Iterator[str]:
    """Yield each field a form takes, and each of the forms inside it."""
    for name, field in form.fields.items():
        assert not field.read_only, f"{prefix}{name} is not written, so it is no part of a form"
        yield prefix + name
        inner = getattr(field, "child", field)
        if isinstance(inner, serializers.Serializer):
            yield from fields_of(inner, f"{prefix}{name}.")


def columns() -> set[str]:
    """The name of every column of the market, as the code and as the database call it."""
    return TEMPTING | {
        name
        for model in apps.get_models()
        if is_ours(model)
        for field in model._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name))
    }


def overfilled(body, prefix: str, known: set[str], names: set[str]):
    """Return a body with every other name in each of its objects, and where those stand."""
    strange: set[str] = set()

    def walk(value, pointer: str, path: str):
        if isinstance(value, list):
            return [walk(one, f"{pointer}/{place}", path) for place, one in enumerate(value)]
        if not isinstance(value, dict):
            return value
        inner = {
            name: walk(one, f"{pointer}/{name}", f"{path}{name}.") for name, one in value.items()
        }
        extra = {name for name in names if f"{path}{name}" not in known}
        strange.update(f"{pointer}/{name}" for name in extra)
        return inner | dict.fromkeys(extra, 1)

    return walk(body, prefix, ""), strange


def test_every_route_that_takes_something_is_listed():
    assert {route for route in every_route() if route[0] in WRITING} == set(WRITABLE)


@pytest.mark.parametrize("route", [pytest.param(route, id=" ".join(route)) for route in WRITABLE])
def test_a_form_takes_what_the_list_says(route):
    form = declared_of(every_route()[route], route[0]).request

    assert (set(fields_of(form())) if form else {"*"}) == WRITABLE[route]


def test_there_is_much_to_try():
    assert len(columns()) > 250
    assert {"commission_bp", "is_staff", "paid_at", "state", "buyer_id", "held"} <= columns()


def test_no_column_can_be_written_that_is_not_listed(monkeypatch):
    # An answer lists the first hundred faults; here every single one is looked at.
    monkeypatch.setattr(problems, "FAULTS_MAX", 100_000)
    world, client, names = Town(), Client(), columns()
    world.settle()
    headers = {who: bearer(getattr(world, who)) for who in PEOPLE} | {None: {}}
    wrong = {}

    for route in FORMS:
        address, known = ADDRESSES[route], WRITABLE[route]
        body = address.body(world) if address.body else {}
        if route == ("POST", "uploads"):
            body = {"file": a_picture(), "purpose": "PHOTO"}
        filled, strange = overfilled(body, "", known, names)
        before = everything()
        answer = client.generic(
            route[0],
            *asked(world, route, filled),
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **headers[address.who],
        )
        refused = {
            fault["pointer"]
            for fault in answer.json().get("errors", ())
            if fault["code"] == "UNKNOWN_FIELD"
        }
        if (answer.status_code, refused, everything()) != (400, strange, before):
            wrong[route] = (answer.status_code, sorted(strange ^ refused)[:5])

    assert wrong == {}
