"""From the buyer's money to the carrier's waybill: what the workers get done."""

import random
import time

from tests.bench import baskets
from tests.bench.bench import Bench
from tests.bench.ordering import whole_order

PAY_S = 12.0
PATIENCE_S = 300.0
LOOK_EVERY_S = 0.1

_WITHOUT = """
    SELECT count(*) FILTER (WHERE waybill_no <> ''), count(*) FROM parcels_parcel
"""
_OWED = "SELECT count(*) FROM outbox_delivery WHERE state = 'PENDING'"


def run(bench: Bench) -> None:
    """Let orders be paid while the workers stand still; then see how fast they catch up.

    And see how many whole orders are done in a second while they work beside the web server.
    """
    dice = random.Random(5)
    lines = [
        [baskets.three_lines(bench, dice) for _ in range(baskets.BASKETS_EACH)]
        for _ in bench.driver.clients
    ]
    wanted = baskets.quoted(bench, lines)
    work = whole_order(bench, wanted)
    _wait_until_idle(bench)
    with bench.market.held_still():
        before = _parcels(bench)[1]
        backlog = bench.driver.drive(work, PAY_S)
    began = time.perf_counter()
    used = bench.market.processor_seconds()
    seconds = _wait_until_idle(bench)
    spent = bench.market.processor_seconds()
    parcels = _parcels(bench)[1] - before
    shares = ", ".join(
        f"{name} {(spent[name] - used[name]) / (time.perf_counter() - began):.2f}"
        for name in ("worker", "postgres", "web", "valkey")
    )
    bench.notes.append(
        f"workers, paid to waybill: {backlog.done} paid orders with {parcels} parcels in"
        f" {seconds:.1f} s: {backlog.done / seconds:.1f} orders/s,"
        f" {parcels / seconds:.1f} parcels/s (processors: {shares})"
    )
    bench.say(f"    {bench.notes[-1]}")
    beside = bench.driver.drive(work, PAY_S)
    caught_up = _wait_until_idle(bench)
    bench.notes.append(
        f"whole orders with the workers at work beside: {beside.rate:.1f}/s for {PAY_S:.0f} s,"
        f" p95 {beside.within_ms(95):.0f} ms; then {caught_up:.1f} s until every parcel had its"
        f" waybill: {beside.done / (beside.seconds + caught_up):.1f} orders/s from end to end"
    )
    bench.say(f"    {bench.notes[-1]}")


def _wait_until_idle(bench: Bench) -> float:
    """Wait until nothing is owed to anybody and every parcel has its waybill; return how long."""
    began = time.perf_counter()
    with bench.market.database() as connection:
        connection.autocommit = True
        while time.perf_counter() - began < PATIENCE_S:
            booked, planned = connection.execute(_WITHOUT).fetchone() or (0, 0)
            (owed,) = connection.execute(_OWED).fetchone() or (0,)
            if booked == planned and not owed:
                return time.perf_counter() - began
            time.sleep(LOOK_EVERY_S)
    raise TimeoutError(f"the workers are not done after {PATIENCE_S:.0f} s")


def _parcels(bench: Bench) -> tuple[int, int]:
    with bench.market.database() as connection:
        booked, planned = connection.execute(_WITHOUT).fetchone() or (0, 0)
    return booked, planned
