"""The storm in a minute: everything breaks once, and the market stands."""

import subprocess
import sys

import pytest

from core.local.bootstrap import ROOT
from tests.storm import report
from tests.storm.weather import FAULTS

SHORT = (
    *("--minutes", "1", "--gap", "6", "--promote-every", "15", "--seed", "20261121"),
    *("--farmers", "6", "--products", "24", "--buyers", "12"),
)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_the_market_stands_in_a_minute_of_storm():
    ran = subprocess.run(
        [sys.executable, "manage.py", "storm", *SHORT],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-3_000:]
    assert "0 broken" in ran.stdout
    assert [fault for fault in FAULTS if f"! {fault} " not in ran.stdout] == []


def _told(**changes):
    calm = {
        "promised and not kept": 0,
        "kept and never promised": 0,
        "orders whose buyers never heard": 0,
        "callbacks forged and believed": 0,
        "deliveries": {"DONE": 9},
        "parcels parked for another reason": 0,
        "refunds": {"SUCCEEDED": 1},
        "refused": {"UNAVAILABLE": 3},
        "failures": [],
    }
    return calm | changes


def test_a_market_that_stood_has_nothing_against_it():
    assert report.wrongs(_told(), reconciled=True) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"promised and not kept": 1},
        {"kept and never promised": 2, "orders whose buyers never heard": 1},
        {"callbacks forged and believed": 1},
        {"deliveries": {"DONE": 9, "PARKED": 1}},
        {"parcels parked for another reason": 1},
        {"refunds": {"PARKED": 1}},
        {"refused": {"SERVER_FAULT": 1}},
        {"failures": ["AnsweredOtherwise"]},
    ],
    ids=str,
)
def test_canary_each_thing_that_goes_wrong_is_told(changes):
    assert len(report.wrongs(_told(**changes), reconciled=True)) == 1


def test_canary_a_broken_invariant_is_told():
    assert report.wrongs(_told(), reconciled=False) == ["an invariant is broken"]
