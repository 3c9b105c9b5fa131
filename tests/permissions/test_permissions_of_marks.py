"""Nobody sees what is somebody else's: not in answers, not in logs, not in the tables at rest."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

from core.accounts.resealing import sealed_columns
from tests.support.addresses import ADDRESSES
from tests.support.visits import CALLERS, walk

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(180)]

# Which marks are whose; all others are about the shop.
BUYERS = ("buyer", "home", "unpaid", "sent", "posted", "coupon", "payment", "parcel")
PEOPLE = ("stranger", "rival", "clerk")
# What is sealed in the database (docs/security.md).
SEALED = ("*.phone", "*.recipient", "*.street", "*.paper")
# What a log line may name: numbers that people read out on the phone.
LOGGED = ("*.number", "*.part")


def person_of(mark):
    first = mark.partition(".")[0]
    return "buyer" if first in BUYERS else first if first in PEOPLE else "seller"


def caller_is(route, caller):
    if caller == "own":
        return "buyer" if ADDRESSES[route].who == "buyer" else "seller"
    return caller


def fits(mark, patterns):
    return any(fnmatch(mark, pattern) for pattern in patterns)


def seen_by_others():
    lines = (Path(__file__).parent / "sees.txt").read_text().splitlines()
    for words in map(str.split, lines):
        if words and words[0] != "#":
            first = next(place for place, word in enumerate(words) if "." in word)
            yield (words[0], words[1]), words[2:first], words[first:]


@pytest.fixture
def walked(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return walk()


def foreign(walked, route, caller):
    me = caller_is(route, caller)
    return {mark for mark in walked.visits[route, caller].shown if person_of(mark) != me}


@pytest.mark.parametrize("route", [pytest.param(route, id=" ".join(route)) for route in ADDRESSES])
def test_an_answer_shows_of_others_only_what_the_list_says(walked, route):
    allowed = {caller: set() for caller in (*CALLERS, "agent")}
    for listed, callers, patterns in seen_by_others():
        if listed == route:
            for caller in callers:
                allowed[caller] |= {mark for mark in walked.marks if fits(mark, patterns)}

    assert {caller: foreign(walked, route, caller) for caller in allowed} == allowed


def test_a_narrower_mandate_shows_no_more_than_all_of_them(walked):
    for (route, caller), visit in walked.visits.items():
        if caller.startswith("may"):
            assert visit.shown <= walked.visits[route, "agent"].shown, (route, caller)


def test_every_listed_route_exists():
    assert {listed for listed, _, _ in seen_by_others()} <= set(ADDRESSES)


def test_no_log_line_tells_anything_of_anybody(walked):
    told = {
        (route, caller): visit.logged
        for (route, caller), visit in walked.visits.items()
        if any(not fits(mark, LOGGED) for mark in visit.logged)
    }

    assert told == {}
    assert {mark for mark in walked.told if not fits(mark, LOGGED)} == set()


def test_logs_were_looked_at(walked):
    assert walked.log_lines >= len(walked.visits)


def test_what_is_sealed_stands_nowhere_in_clear(walked):
    assert {mark: where for mark, where in walked.kept.items() if fits(mark, SEALED)} == {}
    # That it would have been found: names and remarks are kept as they are.
    assert walked.kept["buyer.name"] == ["accounts_user"]
    assert walked.kept["sent.remark"] == ["placement_order"]


def test_no_token_is_kept_or_told(walked):
    tokens = {mark for mark in walked.marks if mark.endswith(".token")}

    assert len(tokens) > 20
    assert not tokens & set(walked.kept)
    assert not any(tokens & (visit.shown | visit.logged) for visit in walked.visits.values())


def test_the_page_on_security_names_every_sealed_column(settings):
    page = (settings.ROOT / "docs" / "security.md").read_text()

    assert [str(column) for column in sealed_columns() if f"`{column}`" not in page] == []
