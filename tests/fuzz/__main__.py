"""`python -m tests.fuzz`: drive a market from its document, exit 1 where it answered wrongly."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.local import bootstrap
from core.local.bootstrap import ROOT
from tests.fuzz import bombs, market

LOCK = "requirements-fuzz.txt"
# The small one is the same every time and fits into `make check`.
SMALL_CASES, SMALL_SEED = 3, 20_261_121
LONG_CASES = 60


def main() -> int:
    options = _options()
    python = options.python or bootstrap.tools(LOCK)
    began = time.monotonic()
    with market.answering() if options.small else market.whole() as served:
        say(f"A market is open at {served.url} after {time.monotonic() - began:.0f} s")
        with tempfile.TemporaryDirectory(prefix="market-fuzz-") as folder:
            plan = Path(folder) / "plan.json"
            subprocess.run(
                [sys.executable, "-m", "tests.fuzz.seeding", str(plan)],
                cwd=ROOT, env=dict(served.environment), check=True,
            )  # fmt: skip
            say(f"Furnished after {time.monotonic() - began:.0f} s")
            is_wrong = _bombs(served, plan)
            say(f"Bombs dropped after {time.monotonic() - began:.0f} s")
            driven = subprocess.run(
                [
                    str(python), str(ROOT / "tests" / "fuzz" / "drive.py"),
                    "--document", str(ROOT / "docs" / "openapi.yaml"), "--plan", str(plan),
                    "--url", served.url, "--cases", str(options.cases),
                    "--seed", str(options.seed),
                ],
                cwd=folder, check=False,
            )  # fmt: skip
    say(f"{time.monotonic() - began:.0f} s in all")
    return 1 if is_wrong or driven.returncode else 0


def _bombs(served: market.Market, plan: Path) -> bool:
    token = json.loads(plan.read_text(encoding="utf-8"))["callers"]["seller"][0]
    bombing = bombs.drop(served, token)
    counts = " ".join(f"{code}:{count}" for code, count in sorted(bombing.statuses.items()))
    say(f"Bombs: {bombing.sent} sent, {counts}, at most {bombing.peak_mb} MB in one process")
    for fault in bombing.faults:
        say(f"FAULT bomb {fault}")
    return bool(bombing.faults)


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    asked.add_argument("--small", action="store_true", help="the fixed one of `make check`")
    asked.add_argument("--python", type=Path, help=f"of an environment of {LOCK}")
    asked.add_argument("--cases", type=int, help="requests made for each operation")
    asked.add_argument("--seed", type=int, help="repeat a run")
    options = asked.parse_args()
    options.cases = options.cases or (SMALL_CASES if options.small else LONG_CASES)
    if options.seed is None:
        options.seed = SMALL_SEED if options.small else random.randrange(2**32)
    return options


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
