"""A small rush in a whole market, and that the report tells what goes wrong."""

import subprocess
import sys

import pytest

from core.local.bootstrap import ROOT
from tests.rush import report

SHORT = (
    *("--buyers", "60", "--checkouts", "120", "--checkout-seconds", "3", "--scarce", "12"),
    *("--pieces", "12", "--requests", "600", "--flash-seconds", "5"),
)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_small_crowd_gets_what_there_is_and_nothing_more():
    ran = subprocess.run(
        [sys.executable, "manage.py", "rush", *SHORT],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    told = ran.stdout[-6_000:] + ran.stderr[-3_000:]
    assert "0 broken" in ran.stdout, told
    # How fast it is says nothing where other work goes on beside.
    wrongs = [line for line in ran.stdout.splitlines() if line.startswith("WRONG: ")]
    assert [line for line in wrongs if " ms" not in line and " s" not in line[-5:]] == [], told
    assert "reconcile" not in ran.stderr


def told(**changes):
    both = {
        "first answers": {"201": 5, "409 OUT_OF_STOCK": 2, "429 CHECKOUT_CROWDED": 1},
        "last answers": {"201": 6, "409 OUT_OF_STOCK": 2},
        "429 without Retry-After": 0,
        "accepted and not paid": 0,
        "ms to a 429, p50, p95, most": {"FLASH_SALE_CROWDED": [3.0, 9.0, 20.0]},
        "failures": [],
        "seconds from the last one offered until the backlog was gone": 20.0,
    }
    sold = {
        "pieces of the flash sale": 5,
        "orders of the flash sale": 5,
        "pieces sold": 5,
        "most pieces of one person": 1,
    }
    return {
        "checkouts": both | {"oversold": 0} | changes.get("checkouts", {}),
        "flash sale": both | sold | changes.get("sale", {}),
    }


def test_where_every_promise_was_kept_nothing_is_said():
    assert report.wrongs(told(), reconciled=True) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"checkouts": {"oversold": 1}},
        {"checkouts": {"first answers": {"503 UNAVAILABLE": 1}}},
        {"checkouts": {"429 without Retry-After": 1}},
        {"checkouts": {"last answers": {"429 CHECKOUT_CROWDED": 1}}},
        {"checkouts": {"accepted and not paid": 1}},
        {"checkouts": {"failures": ["TimeoutError()"]}},
        {"checkouts": {"seconds from the last one offered until the backlog was gone": 61.0}},
        {"sale": {"pieces sold": 6}},
        {"sale": {"orders of the flash sale": 4}},
        {"sale": {"most pieces of one person": 2}},
        {"sale": {"ms to a 429, p50, p95, most": {}}},
        {"sale": {"ms to a 429, p50, p95, most": {"FLASH_SALE_CROWDED": [3.0, 201.0, 300.0]}}},
        {"sale": {"first answers": {"500": 1}}},
    ],
    ids=str,
)
def test_canary_each_broken_promise_is_told(changes):
    assert len(report.wrongs(told(**changes), reconciled=True)) == 1


def test_canary_a_broken_invariant_is_told():
    assert report.wrongs(told(), reconciled=False) == ["an invariant is broken"]
