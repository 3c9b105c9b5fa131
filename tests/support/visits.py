"""Everybody at every address of the API, with ids of things that are somebody else's.

One walk, made once in a run and undone; what it saw is kept for the tests that judge it.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from core.accounts.domain.roles import Role, Scope
from core.accounts.models import User
from core.http.middleware import OVERRIDES
from core.http.schema import declared_of
from tests.factories.accounts import bearer
from tests.support.addresses import ADDRESSES
from tests.support.routes import every_route
from tests.support.rows import everything, texts
from tests.support.town import ELSEWHERE, HERE, Town, a_picture
from tests.support.world import World

Route = tuple[str, str]
CALLERS = ("anon", "stranger", "rival", "clerk", "own", "far", "near", "staff", "other")
ROLES = {
    "reviewer": Role.REVIEWER,
    "curator": Role.SECTION_MANAGER,
    "campaigner": Role.CAMPAIGN_MANAGER,
    "reader": Role.REPORTS,
    "operator": Role.OPERATOR,
    "partner": Role.PARTNER,
    "officer": Role.FUNDER,
}
# Rows of an address that everybody may use stand in no relation to a role.
SOME_ROLE = Role.REVIEWER


@dataclass(frozen=True)
class Visit:
    """What one caller met at one address: the answer, and the marks in it and in the log."""

    status: int
    code: str
    shown: frozenset[str]
    logged: frozenset[str]


@dataclass(frozen=True)
class Walk:
    """All visits; which tables refusals changed; which tables keep a mark for anybody to read."""

    marks: frozenset[str]
    visits: dict[tuple[Route, str], Visit]
    changed: dict[Route, list[str]]
    kept: dict[str, list[str]]
    # Marks in the log of the services that made the world.
    told: frozenset[str]
    log_lines: int


@cache
def walk() -> Walk:
    """Walk once; the caller's test undoes what was made."""
    return _Walker().walk()


def asked(world: World, route: Route, said: Any = None) -> tuple[str, bytes, str]:
    """Return the path, the body and its type of a request that is right, or with another body."""
    address = ADDRESSES[route]
    values = address.at(world)
    path = "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(values[part[1]]), route[1])
    if route == ("POST", "uploads"):
        form = said or {"file": a_picture(), "purpose": "PHOTO"}
        return path, encode_multipart(BOUNDARY, form), MULTIPART_CONTENT
    if route == ("DELETE", "staff/sections/<str:slug>/pins"):
        path += f"?product={world.product.reference}"
    if route[1].startswith("reports/"):
        path += "?from=2026-11-01&to=2027-12-01"
    body = said or (address.body(world) if address.body else None)
    return path, b"" if body is None else json.dumps(body).encode(), "application/json"


class _Walker:
    def __init__(self) -> None:
        self.town = Town()
        log = io.StringIO()
        with redirect_stdout(log):
            self.marks = self.town.settle()
        self.told = self._marks_in(log.getvalue())
        self.views = every_route()
        self.client = Client(raise_request_exception=False)
        self.log_lines = 0
        self.headers: dict[str, dict[str, str]] = {"anon": {}}
        for name, person in self._people().items():
            self.headers[name] = bearer(person)
            self.marks[f"{name}.token"] = self.headers[name]["HTTP_AUTHORIZATION"].split()[1]

    def _people(self) -> dict[str, User]:
        town = self.town
        found = {name: getattr(town, name) for name in ("stranger", "rival", "clerk")}
        found |= {"buyer": town.buyer, "seller": town.seller}
        found |= {"far": town.official(ELSEWHERE), "near": town.official(HERE)}
        for role in Role:
            found[f"only {role}"] = town.staff(role)
            found[f"but {role}"] = town.staff(*(one for one in Role if one != role))
        found["agent"] = town.agent("agent", list(Scope))
        for scope in Scope:
            found[f"may {scope}"] = town.agent("agent", [scope])
            found[f"may not {scope}"] = town.agent("agent", [one for one in Scope if one != scope])
        return found

    def walk(self) -> Walk:
        visits: dict[tuple[Route, str], Visit] = {}
        changed = {}
        for route in sorted(ADDRESSES):
            path, body, media_type = asked(self.town, route)
            before = everything()
            for caller, headers in self._callers(route):
                visits[route, caller] = self._visit(route[0], path, body, media_type, headers)
            if route[0] in OVERRIDES:
                said = self.headers["stranger"] | {"HTTP_X_HTTP_METHOD_OVERRIDE": route[0]}
                visits[route, "said"] = self._visit("POST", path, body, media_type, said)
            after = everything()
            if after != before:
                changed[route] = sorted(name for name in after if after[name] != before[name])
        marks = frozenset(self.marks)
        return Walk(marks, visits, changed, self._kept(), self.told, self.log_lines)

    def _kept(self) -> dict[str, list[str]]:
        kept: dict[str, list[str]] = {}
        for table, text in texts():
            for name in self._marks_in(text):
                kept.setdefault(name, []).append(table)
        return kept

    def _callers(self, route: Route) -> Iterator[tuple[str, dict[str, str]]]:
        who = ADDRESSES[route].who
        role = ROLES.get(who or "", SOME_ROLE)
        owner = "buyer" if who == "buyer" else "seller"
        seats = {"own": owner, "staff": f"only {role}", "other": f"but {role}"}
        for caller in CALLERS:
            yield caller, self.headers[seats.get(caller, caller)]
        principal = {"HTTP_ACTING_FOR": str(getattr(self.town, owner).reference)}
        yield "agent", self.headers["agent"] | principal
        if declared_of(self.views[route], route[0]).acting_for:
            for scope in Scope:
                yield f"may {scope}", self.headers[f"may {scope}"] | principal
                yield f"may not {scope}", self.headers[f"may not {scope}"] | principal

    def _visit(
        self, method: str, path: str, body: bytes, media_type: str, headers: dict[str, Any]
    ) -> Visit:
        log = io.StringIO()
        before = transaction.savepoint()
        with redirect_stdout(log):
            answer = self.client.generic(
                method, path, body, media_type, HTTP_IDEMPOTENCY_KEY=str(uuid4()), **headers
            )
        if answer.status_code < 400:
            transaction.savepoint_rollback(before)
        else:
            transaction.savepoint_commit(before)
        self.log_lines += len(log.getvalue().splitlines())
        said = answer.getvalue().decode() + json.dumps(list(answer.headers.items()))
        code = answer.json().get("code", "") if answer.status_code >= 400 else ""
        return Visit(answer.status_code, code, self._marks_in(said), self._marks_in(log.getvalue()))

    def _marks_in(self, text: str) -> frozenset[str]:
        return frozenset(name for name, word in self.marks.items() if word in text)
