"""`python -m tests.market_day`: live a whole market day, judge it, exit 1 where it went wrong."""

import argparse
import sys
import time
from collections.abc import Callable

from tests.market_day import faults, report
from tests.market_day.story import Day, Size
from tests.support.stack import Stack

# Short windows through public settings; no clock is moved.
SETTINGS = {
    "MARKETPLACE_UNPAID_MINUTES": "1",
    "MARKETPLACE_CONFIRM_MINUTES_MAX": "0",
    "MARKETPLACE_SANDBOX_CARRIER_SECONDS": "4",
}


def main() -> int:
    options = _options()
    size = Size(
        farmers=options.farmers,
        products=options.products,
        buyers=options.buyers,
        orders_each=options.orders_each,
    )
    if options.url:
        told = Day(options.url, size, say).run(midway=lambda: None)
        print(report.shown(told))
        return report.verdict(told, reconciled=True)
    return _on_a_stack_of_its_own(size, options.fault)


def _on_a_stack_of_its_own(size: Size, fault: str) -> int:
    began = time.monotonic()
    say("Starting a market of its own ...")
    with Stack(**SETTINGS) as stack:
        say(f"  open at {stack.url} after {time.monotonic() - began:.1f} s")
        told = Day(stack.url, size, say).run(midway=faults.named(fault, stack, say))
        print(report.shown(told), flush=True)
        judged = stack.manage("reconcile")
        print(judged.stdout + judged.stderr, flush=True)
        verdict = report.verdict(told, reconciled=judged.returncode == 0)
    say(
        f"{'The day is good' if verdict == 0 else 'THE DAY WENT WRONG'}: "
        f"{time.monotonic() - began:.0f} s with start and stop, fault: {fault}"
    )
    return verdict


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="market-day", description=__doc__)
    asked.add_argument("--url", help="a running stack; without it the day starts its own")
    asked.add_argument("--fault", choices=sorted(faults.FAULTS), default="none")
    asked.add_argument("--farmers", type=int, default=Size.farmers)
    asked.add_argument("--products", type=int, default=Size.products)
    asked.add_argument("--buyers", type=int, default=Size.buyers)
    asked.add_argument("--orders-each", type=int, default=Size.orders_each)
    return asked.parse_args()


say: Callable[[str], None] = lambda sentence: print(sentence, flush=True)  # noqa: E731


if __name__ == "__main__":
    sys.exit(main())
