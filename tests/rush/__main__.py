"""`python -m tests.rush`: let a crowd in, and judge what came of it."""

import argparse
import os
import sys
import time
from pathlib import Path

from tests.bench import table
from tests.rush import report
from tests.rush.story import Force, Rush
from tests.support.stack import Stack

# Whoever is accepted pays at once; nobody's time runs out meanwhile.
SETTINGS = {"DEMONSTRATION": "yes", "MARKETPLACE_ACCESS_MINUTES": "600"}


def main() -> int:
    options = _options()
    force = Force(
        buyers=options.buyers,
        checkouts=options.checkouts,
        checkout_s=options.checkout_seconds,
        scarce=options.scarce,
        pieces=options.pieces,
        requests=options.requests,
        flash_s=options.flash_seconds,
        seed=options.seed,
    )
    began, load = time.monotonic(), os.getloadavg()[0]
    say("Starting a market of its own ...")
    if options.home:
        options.home.mkdir(parents=True, exist_ok=True)
    with Stack(options.home, **SETTINGS) as stack:
        say(f"  open at {stack.url} after {time.monotonic() - began:.1f} s")
        told = Rush(stack, force, say).run()
        say(report.shown(told, table.machine(stack, load)))
        judged = stack.manage("reconcile")
        say(judged.stdout + judged.stderr)
    wrongs = report.wrongs(told, reconciled=judged.returncode == 0)
    for wrong in wrongs:
        say(f"WRONG: {wrong}")
    say(
        f"{'A PROMISE WAS BROKEN' if wrongs else 'Every promise was kept'}:"
        f" {time.monotonic() - began:.0f} s with start and stop"
    )
    return 1 if wrongs else 0


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="rush", description=__doc__)
    asked.add_argument("--buyers", type=int, default=Force.buyers)
    asked.add_argument("--checkouts", type=int, default=Force.checkouts)
    asked.add_argument("--checkout-seconds", type=float, default=Force.checkout_s)
    asked.add_argument("--scarce", type=int, default=Force.scarce)
    asked.add_argument("--pieces", type=int, default=Force.pieces)
    asked.add_argument("--requests", type=int, default=Force.requests)
    asked.add_argument("--flash-seconds", type=float, default=Force.flash_s)
    asked.add_argument("--seed", type=int, default=Force.seed)
    asked.add_argument("--home", type=Path, help="keep the market's folder here, with its logs")
    return asked.parse_args()


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
