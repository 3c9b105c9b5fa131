"""The storm on a budget in small: sixteen connections for some seconds, always."""

import subprocess
import sys
import threading
import time

import pytest

from core import reconciling
from core.local.bootstrap import ROOT
from core.quotas.services import statements
from tests.storm import gusts

CONNECTIONS, SECONDS = 16, 4.0


def storm(campaign, seconds=SECONDS, connections=CONNECTIONS, seed=20261127):
    until = time.monotonic() + seconds
    hands = [gusts.Gust(campaign, seed + number) for number in range(connections)]
    lookout = gusts.Lookout(campaign)
    calls = [*(hand.blow for hand in hands), lookout.watch]
    threads = [threading.Thread(target=call, args=(until,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=seconds + 20)
    lookout.look(whole=True)
    told = sum((hand.told for hand in hands), start=type(hands[0].told)())
    return lookout, told, [failure for hand in hands for failure in hand.failures]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_whatever_happens_to_a_budget_at_once_every_snapshot_adds_up():
    # So little that it runs out again and again, in sixteen shards and with a day that caps it.
    campaign = gusts.open_campaign(total_fen=1_000_000, face_fen=50_000, daily_cap_fen=900_000)

    lookout, told, failures = storm(campaign)

    assert (lookout.wrongs, failures) == ([], [])
    assert lookout.looks > 5
    assert 800_000 < lookout.fullest_fen <= 900_000
    for deed in ("claim", "order", "pay", "cancel", "refund", "ship", "expire", "void"):
        assert told[f"{deed}: done"] > 0, told
    assert told["claim: BUDGET_EXHAUSTED"] > 0
    assert [one.name for one in reconciling.run(gusts.PROMISES) if not one.is_held] == []


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_canary_money_that_is_moved_without_its_row_is_seen_in_a_snapshot(monkeypatch):
    counted = "held = shard.held + %(to_held)s * part.amount"
    assert counted in statements.MOVE
    monkeypatch.setattr(statements, "MOVE", statements.MOVE.replace(counted, "held = shard.held"))
    campaign = gusts.open_campaign(total_fen=1_000_000, face_fen=50_000)

    lookout, _, _ = storm(campaign, seconds=1.5, connections=6)

    assert lookout.wrongs


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_long_storm_can_be_run_and_survives_its_workers_being_killed():
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "tests.storm.budget", "--seconds", "15", "--kill-every", "4"),
            *("--connections", "16", "--processes", "4", "--people", "100", "--seed", "7"),
            *("--total", "10000000"),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-4_000:]
    assert "workers killed" in ran.stdout
    assert "claim: done" in ran.stdout
