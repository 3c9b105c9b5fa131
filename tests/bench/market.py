"""A whole market to measure: started, furnished, held still, and looked into."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis

from core.local.bootstrap import ROOT
from core.local.programs import BEAT, WORKER
from tests.support.stack import Stack

# The floors are mounted beside the market's own addresses; nobody runs out of time meanwhile.
SETTINGS = {
    "ROOT_URLCONF": "tests.bench.floors",
    "MARKETPLACE_UNPAID_MINUTES": "600",
    "MARKETPLACE_ACCESS_MINUTES": "600",
    "DEMONSTRATION": "no",
    # The clients of a benchmark are its bound.
    "MARKETPLACE_CHECKOUTS_AT_ONCE": "0",
    "MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE": "0",
}
HEARTBEAT_EVERY_S = 5.0
TICKS = os.sysconf("SC_CLK_TCK")


class Market(Stack):
    """A stack of one's own with a large catalogue."""

    def __init__(self, home: Path | None = None) -> None:
        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
        super().__init__(home, **SETTINGS)
        self.facts_of_bench: dict[str, Any] = {}

    def furnish(self, products: int) -> None:
        """Fill it, by a process of its own, unless that was done; then read what is where."""
        found = self.home / "furnished.json"
        if not found.exists():
            self._furnish(products, found)
        self.facts_of_bench = json.loads(found.read_text(encoding="utf-8"))

    def _furnish(self, products: int, found: Path) -> None:
        call = f"from tests.bench.furnishing import furnish; furnish({products}, {str(found)!r})"
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", call],
            cwd=ROOT, env=dict(self.environment), check=True,
        )  # fmt: skip
        with self.database() as connection:
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    @contextlib.contextmanager
    def held_still(self) -> Iterator[None]:
        """Stop the workers and beat where they are, so that only the web server works.

        Their heartbeats are written for them, or the supervisor would start them anew.
        """
        groups = [self.process_id("worker"), self.process_id("beat")]
        awake = threading.Event()
        keeper = threading.Thread(target=self._keep_hearts_beating, args=(awake,), daemon=True)
        self._stop_between_transactions(groups)
        keeper.start()
        try:
            yield
        finally:
            awake.set()
            keeper.join()
            for group in groups:
                os.killpg(group, signal.SIGCONT)

    def _stop_between_transactions(self, groups: list[int]) -> None:
        # Stopped inside a transaction, they would hold its locks all the while.
        with self.database() as connection:
            connection.autocommit = True
            while True:
                for group in groups:
                    os.killpg(group, signal.SIGSTOP)
                time.sleep(0.2)
                open_ones = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                    " AND datname = current_database()"
                ).fetchone()
                if open_ones == (0,):
                    return
                for group in groups:
                    os.killpg(group, signal.SIGCONT)
                time.sleep(0.5)

    def _keep_hearts_beating(self, awake: threading.Event) -> None:
        client = redis.Redis.from_url(self.redis_url)
        while not awake.wait(HEARTBEAT_EVERY_S):
            for heart in (WORKER, BEAT):
                client.set(heart, f"{time.time():.3f}")

    def database(self) -> psycopg.Connection[Any]:
        """Return a connection of one's own to its PostgreSQL."""
        return psycopg.connect(self.database_url)

    def secret(self, name: str) -> str:
        """Return one of the secrets that it made at its first start."""
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    def processor_seconds(self) -> dict[str, float]:
        """Return what its programs have used of the processors so far."""
        used = dict.fromkeys(("web", "worker", "postgres", "valkey"), 0.0)
        groups = {self.process_id(name): name for name in used}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                parent, group = int(fields[1]), int(fields[2])
                name = groups.get(group) or groups.get(parent)
                if name:
                    used[name] += (int(fields[11]) + int(fields[12])) / TICKS
        return used
