"""One storm from the first stall to the last receipt."""

import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.market_day import opening, promoting
from tests.market_day.client import Client, Counter
from tests.market_day.story import STAFF_PHONE
from tests.storm import books as bookkeeping
from tests.storm.books import Books
from tests.storm.crowd import Crowd
from tests.storm.mischief import Echo, Gossip
from tests.storm.weather import Weather
from tests.support.stack import Stack

DRAIN_S_MAX = 600
UNPAID_S = 60
ECHO_S_MAX = 30


@dataclass(frozen=True)
class Force:
    """How hard it blows, and for how long."""

    seconds: float = 600
    farmers: int = 20
    products: int = 100
    buyers: int = 24
    seed: int = 1
    gap_s: tuple[float, float] = (4.0, 16.0)
    promote_every_s: float = 60


@dataclass
class Storm:
    """One storm over one market."""

    stack: Stack
    force: Force
    say: Callable[[str], None]

    def run(self) -> dict[str, Any]:
        """Open, break things under load, let it come to rest, and return the figures."""
        counter = Counter()
        staff = Client(self.stack.url, counter)
        crowd = self._opened(staff, counter)
        weather = Weather(self.stack, seed=self.force.seed, gap_s=self.force.gap_s, say=self.say)
        echo = Echo(self.stack, bookkeeping.queues_of_consumers(self.stack), self.force.seed)
        gossip = Gossip(self.stack, counter, self.force.seed)
        self.say(f"The storm breaks, for {self.force.seconds:.0f} s, seed {self.force.seed}")
        is_at_rest = threading.Event()
        echoing = threading.Thread(target=echo.run, args=(is_at_rest,))
        echoing.start()
        try:
            self._blow(staff, crowd, weather, gossip)
            self.say("The storm is over; the market comes to rest ...")
            drained_s = [self._drain()]
            self.say("  some pay what ran out long ago ...")
            crowd.come_back()
            drained_s.append(self._drain())
        finally:
            is_at_rest.set()
            echoing.join()
        self._hear_echo(set(echo.queues.values()))
        return self._told(crowd, weather, echo, gossip, drained_s)

    def _opened(self, staff: Client, counter: Counter) -> Crowd:
        began, force = time.monotonic(), self.force
        staff.sign_in(STAFF_PHONE)
        stalls = opening.open_shops(
            self.stack.url, counter, staff,
            farmers=force.farmers, products=force.products, seed=force.seed,
        )  # fmt: skip
        batches = promoting.announce(staff, stalls)
        self.say(f"  {force.farmers} stalls open after {time.monotonic() - began:.0f} s")
        return Crowd(self.stack.url, force.seed, force.buyers, stalls, counter, batches)

    def _blow(self, staff: Client, crowd: Crowd, weather: Weather, gossip: Gossip) -> None:
        is_over = threading.Event()
        end = time.monotonic() + self.force.seconds
        # Whoever pays late needs the time in which the order runs out.
        last_late = end - UNPAID_S * 3 / 4
        beside = [
            threading.Thread(target=weather.blow, args=(end, is_over)),
            threading.Thread(target=gossip.run, args=(is_over,)),
            threading.Thread(
                target=crowd.promote, args=(staff, self.force.promote_every_s, is_over)
            ),
        ]
        for thread in beside:
            thread.start()
        try:
            crowd.shop_until(end, last_late)
        finally:
            is_over.set()
            for thread in beside:
                thread.join()

    def _drain(self) -> float:
        """Wait until nothing is owed to anybody; return the seconds."""
        began, books = time.monotonic(), Books(self.stack)
        told_at = began
        try:
            while True:
                owed = bookkeeping.waiting(books)
                now = time.monotonic()
                if owed is not None and not owed:
                    self.say(f"    at rest after {now - began:.1f} s")
                    return now - began
                if now - began > DRAIN_S_MAX:
                    raise TimeoutError(f"not at rest after {DRAIN_S_MAX} s: {owed}")
                if now - told_at > 15:
                    self.say(f"    {now - began:6.1f} s  still {owed}")
                    told_at = now
                time.sleep(0.5)
        finally:
            books.close()

    def _hear_echo(self, queues: set[str]) -> None:
        """Let the workers hear what was told them a second time after everything was done."""
        end = time.monotonic() + ECHO_S_MAX
        while time.monotonic() < end and bookkeeping.messages_waiting(self.stack, queues):
            time.sleep(0.5)

    def _told(
        self, crowd: Crowd, weather: Weather, echo: Echo, gossip: Gossip, drained_s: list[float]
    ) -> dict[str, Any]:
        books = Books(self.stack)
        promised = {basket.order["id"]: basket.order["payable_fen"] for basket in crowd.baskets}
        stored = {
            str(reference): payable_fen
            for reference, payable_fen in books.rows(
                "SELECT reference, payable_fen FROM placement_order"
            )
            or []
        }
        counter = crowd.counter
        told = {
            "faults": dict(sorted(weather.done.items())),
            "faults that found nothing to break": dict(sorted(weather.missed.items())),
            "orders promised": len(promised),
            "promised and not kept": len(promised.items() - stored.items()),
            "kept and never promised": len(stored.keys() - promised.keys()),
            "orders whose buyers never heard": crowd.unsure,
            **bookkeeping.counts(books),
            "habits": dict(sorted(Tally(str(one.habit) for one in crowd.baskets).items())),
            "deliveries told twice": echo.doubled,
            "reports told by hand in a wrong order": gossip.reports,
            "callbacks said again": gossip.repeated,
            "callbacks forged": gossip.forged,
            "callbacks forged and believed": gossip.believed,
            "calls": counter.calls,
            "calls cut off": counter.cut,
            "calls repeated with the same key": counter.repeated,
            "calls answered from memory": counter.replayed,
            "refused": dict(sorted(counter.refused.items())),
            "buyers who gave up": dict(sorted(crowd.gave_up.items())),
            "failures": crowd.failures,
            "drain seconds": [round(seconds, 1) for seconds in drained_s],
        }
        books.close()
        return told
