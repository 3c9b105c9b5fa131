"""Who may do what: every route and caller of `who.txt`, and that a refusal changes nothing."""

from pathlib import Path

import pytest

from core.accounts.domain.roles import Scope
from core.http.middleware import OVERRIDES
from core.http.schema import declared_of
from tests.support.routes import every_route
from tests.support.visits import CALLERS, walk

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(180)]


def table():
    rows = {}
    for line in (Path(__file__).parent / "who.txt").read_text().splitlines():
        words = line.split()
        if words and words[0].isupper():
            method, pattern, *cells = words
            assert len(cells) == len(CALLERS) + 1, line
            assert (method, pattern) not in rows, line
            rows[method, pattern] = dict(zip((*CALLERS, "for"), cells, strict=True))
    return rows


TABLE = table()
ROUTES = [pytest.param(route, id=" ".join(route)) for route in TABLE]


@pytest.fixture
def walked(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return walk()


def test_every_route_and_method_is_in_the_table():
    assert set(every_route()) == set(TABLE)


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_hears_what_the_table_says(walked, route):
    heard = {caller: str(walked.visits[route, caller].status) for caller in CALLERS}

    assert heard == {caller: TABLE[route][caller] for caller in CALLERS}


def test_no_refusal_changes_a_row(walked):
    assert walked.changed == {}


def test_a_method_said_in_a_header_is_judged_as_that_method(walked):
    said = {route: walked.visits[route, "said"].status for route in TABLE if route[0] in OVERRIDES}

    assert said == {route: walked.visits[route, "stranger"].status for route in said}


@pytest.mark.parametrize("route", ROUTES)
def test_a_mandate_opens_what_the_table_says_and_nothing_else(walked, route):
    needed, _, instead = TABLE[route]["for"].partition("=")
    agent = walked.visits[route, "agent"]

    if needed == "-":
        assert (agent.status, agent.code) == (403, "SCOPE_FORBIDDEN")
        return
    scopes = set(needed.split("+"))
    assert str(agent.status) == (instead or TABLE[route]["own"])
    for scope in Scope:
        alone, without = (walked.visits[route, f"{word} {scope}"] for word in ("may", "may not"))
        assert (alone.code == "SCOPE_FORBIDDEN") == (scopes != {scope.value})
        assert (without.code == "SCOPE_FORBIDDEN") == (scope.value in scopes)


def test_what_is_declared_is_what_the_table_says():
    declared = {
        route: "+".join(declared_of(view, route[0]).acting_for) or "-"
        for route, view in every_route().items()
    }

    assert declared == {route: cells["for"].partition("=")[0] for route, cells in TABLE.items()}
