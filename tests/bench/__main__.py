"""`python -m tests.bench [names]`: measure the market; exit 1 where a promise was broken."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import crowding, expiring, ordering, plans, reading, table, working
from tests.bench.bench import Bench
from tests.bench.driver import Driver
from tests.bench.market import Market

SCENES: dict[str, Callable[[Bench], None]] = {
    "reading": reading.run,
    "ordering": ordering.run,
    "hot-orders": crowding.orders,
    "hot-claims": crowding.claims,
    "workers": working.run,
    "plans": plans.run,
    "expiry": expiring.run,
}


def main() -> int:
    options = _options()
    load = os.getloadavg()[0]
    say(f"Load before the run: {load:.2f}")
    say("Starting a market of its own ...")
    with Market(options.home) as market:
        say(f"  open at {market.url}; furnishing it ...")
        with market.held_still():
            market.furnish(options.products)
        driver = Driver(market.url, options.clients)
        bench = Bench(market, driver, options.seconds, options.repeats, say)
        for name in options.scenes or SCENES:
            say(f"  {name} ...")
            began = time.monotonic()
            SCENES[name](bench)
            say(f"    {time.monotonic() - began:.0f} s")
        _reconcile(bench)
        print("\n".join(["", *table.conditions(bench, load), "", table.shown(bench)]))
        print("\n".join(table.plans(bench)))
    return 0 if all(bench.promises.values()) else 1


def _reconcile(bench: Bench) -> None:
    say("  judging every promise ...")
    judged = bench.market.manage("reconcile")
    bench.promises["nothing oversold, nothing overspent, every invariant held"] = (
        judged.returncode == 0
    )
    bench.notes.append(judged.stdout.strip().splitlines()[-1] if judged.stdout else "no verdict")
    if judged.returncode:
        say(judged.stdout + judged.stderr)


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench", description=__doc__)
    asked.add_argument("scenes", nargs="*", choices=[[], *SCENES], metavar="name")
    asked.add_argument("--home", type=Path, help="a folder that keeps the market between runs")
    asked.add_argument("--products", type=int, default=20_000)
    asked.add_argument("--clients", type=int, default=16)
    asked.add_argument("--seconds", type=float, default=3.0)
    asked.add_argument("--repeats", type=int, default=5)
    return asked.parse_args()


say: Callable[[str], None] = lambda sentence: print(sentence, file=sys.stderr, flush=True)  # noqa: E731


if __name__ == "__main__":
    sys.exit(main())
