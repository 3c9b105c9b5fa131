"""`python -m tests.storm`: break everything that can break, then judge what is left."""

import argparse
import sys
import time
from pathlib import Path

from tests.storm import report
from tests.storm.story import Force, Storm
from tests.support.stack import Stack

# Short windows through public settings; no clock is moved.
SETTINGS = {
    "MARKETPLACE_UNPAID_MINUTES": "1",
    "MARKETPLACE_CONFIRM_MINUTES_MAX": "0",
    "MARKETPLACE_SANDBOX_CARRIER_SECONDS": "4",
    "MARKETPLACE_TRACKING_POLL_MINUTES": "1",
}


def main() -> int:
    options = _options()
    force = Force(
        seconds=options.minutes * 60,
        farmers=options.farmers,
        products=options.products,
        buyers=options.buyers,
        seed=options.seed,
        gap_s=(options.gap / 2, options.gap * 3 / 2),
        promote_every_s=options.promote_every,
    )
    began = time.monotonic()
    say("Starting a market of its own ...")
    if options.home:
        options.home.mkdir(parents=True, exist_ok=True)
    with Stack(options.home, **SETTINGS) as stack:
        say(f"  open at {stack.url} after {time.monotonic() - began:.1f} s")
        told = Storm(stack, force, say).run()
        say(report.shown(told))
        judged = stack.manage("reconcile")
        say(judged.stdout + judged.stderr)
    wrongs = report.wrongs(told, reconciled=judged.returncode == 0)
    for wrong in wrongs:
        say(f"WRONG: {wrong}")
    say(
        f"{'THE MARKET DID NOT STAND' if wrongs else 'The market stood'}:"
        f" {time.monotonic() - began:.0f} s with start and stop, seed {force.seed}"
    )
    return 1 if wrongs else 0


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="storm", description=__doc__)
    asked.add_argument("--minutes", type=float, default=Force.seconds / 60)
    asked.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    asked.add_argument("--farmers", type=int, default=Force.farmers)
    asked.add_argument("--products", type=int, default=Force.products)
    asked.add_argument("--buyers", type=int, default=Force.buyers)
    asked.add_argument("--gap", type=float, default=10.0, help="seconds between faults")
    asked.add_argument("--promote-every", type=float, default=Force.promote_every_s)
    asked.add_argument("--home", type=Path, help="keep the market's folder here, with its logs")
    return asked.parse_args()


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
