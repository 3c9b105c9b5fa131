"""The day from morning to the books: open, promote, sell, break, drain, report."""

import random
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.market_day import cast, opening, promoting
from tests.market_day.client import Client, Counter
from tests.market_day.shopping import HABITS, Basket, Buyer, Habit

STAFF_PHONE = "+8613900000001"
DRAIN_S_MAX = 120
POLL_S = 4
OPEN_STATES = {"PENDING_PAYMENT"}
MOVING_STATES = {"PAID", "TO_SHIP", "PARTLY_SHIPPED", "SHIPPED", "SIGNED"}


@dataclass(frozen=True)
class Size:
    """How big a day it is."""

    farmers: int = 50
    products: int = 500
    buyers: int = 200
    orders_each: int = 2
    seed: int = 20_261_111


@dataclass
class Day:
    """One market day against one running stack."""

    url: str
    size: Size
    say: Callable[[str], None]
    counter: Counter = field(default_factory=Counter)
    baskets: list[Basket] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    placed: threading.Event = field(default_factory=threading.Event)

    def run(self, midway: Callable[[], None]) -> dict[str, Any]:
        """Live the day; `midway` is called when about half of the orders stand."""
        began = time.monotonic()
        staff = Client(self.url, self.counter)
        staff.sign_in(STAFF_PHONE)
        stalls = self._timed(
            f"{self.size.farmers} farmers open shops and put {self.size.products} products on sale",
            lambda: opening.open_shops(
                self.url,
                self.counter,
                staff,
                farmers=self.size.farmers,
                products=self.size.products,
                seed=self.size.seed,
            ),
        )
        batches = self._timed(
            "an official announces the campaign, shops join it",
            lambda: promoting.announce(staff, stalls),
        )
        self._timed(
            f"{self.size.buyers} buyers arrive and claim coupons", lambda: self._arrive(batches)
        )
        self._timed(
            f"they order {self.size.buyers * self.size.orders_each} times, at the same time",
            lambda: self._shop(stalls, midway),
        )
        drained_s = self._timed("the market drains", self._drain)
        self._timed("some pay what ran out long ago", self._come_back)
        drained_s += self._timed("the market drains again", self._drain)
        return {
            "seconds": round(time.monotonic() - began, 1),
            "drain_seconds": round(drained_s, 1),
            "calls": self.counter.calls,
            "refused": dict(sorted(self.counter.refused.items())),
            "habits": dict(Tally(str(basket.habit) for basket in self.baskets)),
            "states": self._states(),
            "report": staff.get("/reports/region-sales", **_today()),
            "budgets": staff.pages("/staff/coupon-budgets"),
        }

    def _timed(self, what: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        self.say(f"  {what} ...")
        result = act()
        self.say(f"    {time.monotonic() - began:6.1f} s")
        return result

    def _arrive(self, batches: list[str]) -> None:
        self.buyers = [
            Buyer(
                number=number,
                client=Client(self.url, self.counter),
                dice=random.Random(self.size.seed + number),
            )
            for number in range(self.size.buyers)
        ]

        def come(buyer: Buyer) -> None:
            buyer.arrive()
            buyer.claim(batches)

        self._everybody(come, self.buyers)

    def _shop(self, stalls: list[opening.Stall], midway: Callable[[], None]) -> None:
        wanted = self.size.buyers * self.size.orders_each
        lock, half = threading.Lock(), threading.Event()

        def shop(buyer: Buyer) -> None:
            for turn in range(self.size.orders_each):
                habit = HABITS[(buyer.number * 7 + turn * 31) % len(HABITS)]
                buyer.look_around("hubei" if turn % 2 else "832")
                basket = buyer.order(buyer.choose(stalls), habit)
                if basket is None:
                    continue
                with lock:
                    self.baskets.append(basket)
                    if len(self.baskets) * 2 >= wanted:
                        half.set()
                buyer.behave(basket)

        def watch() -> None:
            half.wait()
            midway()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        self._everybody(shop, self.buyers)
        half.set()
        watcher.join()

    def _come_back(self) -> None:
        second = [basket for basket in self.baskets if basket.habit is Habit.PAYS_LATE]
        self._everybody(lambda basket: basket.buyer.come_back(basket), second)

    def _drain(self) -> float:
        """Wait until nothing is owed to anybody, at most two minutes."""
        began = time.monotonic()
        waiting = self.buyers
        while time.monotonic() - began < DRAIN_S_MAX:
            # Whoever has everything is not asked again, and nobody is asked all the time.
            waiting = [buyer for buyer in waiting if self._is_waiting(buyer)]
            if not waiting:
                return time.monotonic() - began
            time.sleep(POLL_S)
        raise TimeoutError(f"not drained after {DRAIN_S_MAX} s: {self._states()}")

    def _is_waiting(self, buyer: Buyer) -> bool:
        return any(state in OPEN_STATES | MOVING_STATES for state in _states_of(buyer))

    def _states(self) -> dict[str, int]:
        states: Tally[str] = Tally()
        for buyer in self.buyers:
            states.update(_states_of(buyer))
        return dict(sorted(states.items()))

    def _everybody(
        self, act: Callable[[Any], None], people: Iterable[Any], *, crew: int | None = None
    ) -> None:
        with ThreadPoolExecutor(max_workers=crew or self.size.buyers) as threads:
            for done in [threads.submit(act, person) for person in people]:
                done.result()


def _today() -> dict[str, str]:
    day = datetime.now(UTC) + timedelta(hours=8)
    return {
        "from": (day - timedelta(days=1)).date().isoformat(),
        "to": (day + timedelta(days=1)).date().isoformat(),
    }


def _states_of(buyer: Buyer) -> list[str]:
    mine = buyer.client.pages("/orders")
    return [str(part["state"]) for order in mine for part in order["shop_orders"]]


__all__ = ["Day", "Size", "cast"]
