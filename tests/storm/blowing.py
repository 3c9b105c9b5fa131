"""The program behind `python -m tests.storm.budget`, and each of its workers."""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings_test")
django.setup()

from django.core.management import call_command  # noqa: E402

from core.local.bootstrap import ROOT  # noqa: E402
from tests.storm import gusts  # noqa: E402

MODULE = "tests.storm.blowing"
# 100,000,000.00 yuan in coupons of 20.00.
TOTAL_FEN, FACE_FEN = 10_000_000_000, 2_000


def main() -> int:
    options = _options()
    return _gust(options) if options.gust else _storm(options)


def _storm(options: argparse.Namespace) -> int:
    call_command("migrate", verbosity=0)
    campaign = gusts.open_campaign(
        total_fen=options.total, face_fen=FACE_FEN, people=options.people
    )
    crew = _Crew(options, campaign.reference)
    crew.wait_until_somebody_blows()
    until = time.monotonic() + options.seconds
    lookout = gusts.Lookout(campaign, pause_s=0.5, whole_every=20)
    looking = threading.Thread(target=lookout.watch, args=(until,), daemon=True)
    looking.start()
    crew.blow(until)
    looking.join(timeout=120)
    lookout.look(whole=True)
    return _told(options, crew, lookout)


class _Crew:
    """Processes that blow, and what came of those that ended by themselves."""

    def __init__(self, options: argparse.Namespace, budget: str) -> None:
        self.options, self.budget = options, budget
        self.dice = random.Random(options.seed)
        self.killed = self.born = 0
        self.workers = [self._start() for _ in range(options.processes)]

    def wait_until_somebody_blows(self) -> None:
        while not any(worker.is_at_work() for worker in self.workers):
            time.sleep(0.2)

    def blow(self, until: float) -> None:
        next_kill = time.monotonic() + self.options.kill_every
        while time.monotonic() < until:
            time.sleep(0.2)
            at_work = [worker for worker in self.workers if worker.is_at_work()]
            if time.monotonic() >= next_kill and at_work:
                next_kill += self.options.kill_every
                self._kill(self.dice.choice(at_work))
        for worker in self.workers:
            worker.process.terminate()

    def _kill(self, worker: "_Worker") -> None:
        worker.process.kill()
        worker.process.wait()
        self.killed += 1
        say(f"  a worker was killed; {self.killed} so far")
        self.workers[self.workers.index(worker)] = self._start()

    def _start(self) -> "_Worker":
        self.born += 1
        each = self.options.connections // self.options.processes
        notes = self.options.notes / f"gust-{self.born}.json"
        notes.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", MODULE, "--gust", self.budget),
            *("--seed", str(self.options.seed * 1_000 + self.born)),
            *("--connections", str(each), "--seconds", str(self.options.seconds + 60)),
            *("--notes", str(notes)),
        ]
        return _Worker(subprocess.Popen(command, cwd=ROOT, text=True), notes)


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process that blows, and where it notes what it has done."""

    process: subprocess.Popen[str]
    notes: Path

    def is_at_work(self) -> bool:
        return self.notes.exists()


def _gust(options: argparse.Namespace) -> int:
    campaign = gusts.campaign_of(options.gust)
    until = time.monotonic() + options.seconds
    hands = [
        gusts.Gust(campaign, options.seed * 100 + number) for number in range(options.connections)
    ]
    threads = [threading.Thread(target=hand.blow, args=(until,), daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        _note(options.notes, hands)
    return 0


def _note(path: Path, hands: list[gusts.Gust]) -> None:
    told: Counter[str] = sum((hand.told for hand in hands), Counter())
    failures = [failure for hand in hands for failure in hand.failures]
    whole = path.with_suffix(".tmp")
    whole.write_text(json.dumps({"told": told, "failures": failures}), encoding="utf-8")
    whole.replace(path)


def _told(options: argparse.Namespace, crew: _Crew, lookout: gusts.Lookout) -> int:
    told: Counter[str] = Counter()
    failures: list[str] = []
    for path in sorted(options.notes.glob("gust-*.json")):
        noted = json.loads(path.read_text(encoding="utf-8"))
        told.update(noted["told"])
        failures += noted["failures"]
    for what, times in sorted(told.items()):
        say(f"  {what:<40} {times:>9,}")
    say(f"{lookout.looks} snapshots, {crew.killed} workers killed, seed {options.seed}")
    say(f"at most {lookout.fullest_fen:,} of {options.total:,} fen were out")
    for wrong in (*lookout.wrongs[:20], *failures[:20]):
        say(f"WRONG: {wrong}")
    return 1 if lookout.wrongs or failures or not told else 0


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="storm.budget", description=__doc__)
    asked.add_argument("--seconds", type=float, default=300)
    asked.add_argument("--connections", type=int, default=64)
    asked.add_argument("--processes", type=int, default=4)
    asked.add_argument("--kill-every", type=float, default=30)
    asked.add_argument("--people", type=int, default=2_000)
    asked.add_argument("--total", type=int, default=TOTAL_FEN, help="fen in the budget")
    asked.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    asked.add_argument("--notes", type=Path, help="where what workers did is noted")
    asked.add_argument("--gust", metavar="BUDGET", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.notes is None:
        options.notes = Path(os.environ.get("LOCAL_DIR", ".local")) / "storm-notes"
        options.notes.mkdir(parents=True, exist_ok=True)
    return options


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
