"""Who may do what in the console: every address and caller of `console.txt`."""

from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import desk
from tests.support.console_visits import CALLERS, addresses, walk

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]

HERE = Path(__file__).parent
SECRET = ("*.phone", "*.street", "*.recipient", "*.token")


def table():
    rows = {}
    for line in (HERE / "console.txt").read_text().splitlines():
        words = line.split()
        if words and words[0] in ("GET", "POST"):
            method, pattern, *cells = words
            key = (method, "" if pattern == "(index)" else pattern)
            assert key not in rows, line
            rows[key] = dict(zip(CALLERS, cells, strict=True))
    return rows


def seen_by():
    for words in map(str.split, (HERE / "console_sees.txt").read_text().splitlines()):
        if words and words[0] != "#":
            callers = [word for word in words[1:] if word in CALLERS]
            yield words[0].replace("(index)", ""), callers, words[len(callers) + 1 :]


TABLE = table()
ADDRESSES = [pytest.param(one, id=" ".join(one)) for one in TABLE]


@pytest.fixture
def walked(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return walk()


def test_every_address_action_and_form_is_in_the_table():
    assert {address for address, _ in addresses()} == set(TABLE)


@pytest.mark.parametrize("address", ADDRESSES)
def test_everybody_meets_what_the_table_says(walked, address):
    met = {caller: walked.visits[address, caller].heard for caller in CALLERS}

    assert met == TABLE[address]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_shows_of_others_no_more_than_the_list_says(walked, address):
    allowed = {caller: [] for caller in CALLERS}
    for pattern, callers, patterns in seen_by():
        for caller in callers if pattern == address[1] else ():
            allowed[caller] += patterns

    for caller, patterns in allowed.items():
        shown = walked.visits[address, caller].shown
        more = {mark for mark in shown if not any(fnmatch(mark, one) for one in patterns)}
        assert not more, caller
        assert not any(fnmatch(mark, one) for mark in shown for one in SECRET), caller


def test_the_list_says_no_more_than_is_shown(walked):
    for pattern, callers, patterns in seen_by():
        for caller in callers:
            shown = walked.visits[("GET", pattern), caller].shown
            for wanted in patterns:
                assert any(fnmatch(mark, wanted) for mark in shown), (pattern, caller, wanted)


def test_no_log_line_tells_anything_of_anybody(walked):
    assert not any(visit.logged for visit in walked.visits.values())


def test_a_form_from_another_page_is_not_taken():
    boss = desk.superuser()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(boss)

    answer = browser.post(reverse("admin:coupons_couponbudget_add"), {"name": "x"})

    assert answer.status_code == 403
