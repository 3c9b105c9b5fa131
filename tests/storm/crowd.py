"""The buyers of a storm: somebody is always there, and whoever has bought makes room."""

import itertools
import random
import threading
import time
import traceback
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from tests.market_day import promoting
from tests.market_day.client import Client, Counter, Refused
from tests.market_day.opening import Stall
from tests.market_day.shopping import HABITS, Basket, Buyer, Habit
from tests.storm.impatience import ImpatientClient

ORDERS_EACH = 4
PAUSE_S_MAX = 8.0
# More of everything that is not a plain payment than on a market day.
STORMY = [habit for habit in HABITS if habit is not Habit.PAYS] * 2 + [Habit.PAYS] * 40
UNPAID = {Habit.PAYS_LATE, Habit.LEAVES}
RESTOCKED = 30


@dataclass
class Crowd:
    """So many buyers at once, each with a few orders, and an official who keeps promoting."""

    url: str
    seed: int
    size: int
    stalls: list[Stall]
    counter: Counter
    batches: list[str]
    baskets: list[Basket] = field(default_factory=list)
    gave_up: Tally[str] = field(default_factory=Tally)
    unsure: int = 0
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    is_sent_home: threading.Event = field(default_factory=threading.Event)

    def shop_until(self, end: float, last_late: float) -> None:
        """Shop until an instant; nobody leaves an order unpaid after `last_late`."""
        with ThreadPoolExecutor(max_workers=self.size) as places:
            taken = [
                places.submit(self._guarded, self._keep_place, end, last_late)
                for _ in range(self.size)
            ]
            try:
                wait(taken)
            except BaseException:
                # Ctrl-C: nobody starts another order.
                self.is_sent_home.set()
                raise

    def promote(self, staff: Client, every_s: float, is_over: threading.Event) -> None:
        """Announce new coupons, of which some run out at once, and bring new goods."""
        dice = random.Random(self.seed)
        while not is_over.wait(every_s):
            try:
                self.batches = promoting.announce(staff, self.stalls)
                for stall in self.stalls:
                    sku = dice.choice(stall.skus)["id"]
                    stall.client.post(
                        f"/seller/skus/{sku}/stock-adjustments",
                        {"change": RESTOCKED, "reason": "new harvest"},
                    )
            except Refused as refusal:
                self.gave_up[f"promoting: {refusal.code}"] += 1

    def come_back(self) -> None:
        """Let those pay at last whose orders ran out."""
        late: dict[int, list[Basket]] = {}
        for basket in self.baskets:
            if basket.habit is Habit.PAYS_LATE:
                late.setdefault(basket.buyer.number, []).append(basket)
        with ThreadPoolExecutor(max_workers=8) as places:
            list(places.map(_pay_one_by_one, late.values()))

    def _guarded(self, act: Callable[..., None], *arguments: float) -> None:
        try:
            act(*arguments)
        except Exception:  # noqa: BLE001 - whatever it is, it is told at the end.
            with self.lock:
                self.failures.append(traceback.format_exc())

    def _keep_place(self, end: float, last_late: float) -> None:
        while not self._is_closing(end):
            with self.lock:
                number = next(self.numbers)
            dice = random.Random(self.seed * 100_000 + number)
            client = ImpatientClient(self.url, self.counter, dice)
            buyer = Buyer(number=number, client=client, dice=dice)
            try:
                self._visit(buyer, end, last_late)
            except Refused as refusal:
                with self.lock:
                    self.gave_up[refusal.code] += 1
            finally:
                buyer.client.close()

    def _is_closing(self, end: float) -> bool:
        return time.monotonic() >= end or self.is_sent_home.is_set()

    def _visit(self, buyer: Buyer, end: float, last_late: float) -> None:
        buyer.arrive()
        buyer.claim(self.batches)
        for turn in range(ORDERS_EACH):
            if self._is_closing(end):
                return
            habit = buyer.dice.choice(STORMY)
            if habit in UNPAID and time.monotonic() > last_late:
                habit = Habit.PAYS
            buyer.look_around("hubei" if turn % 2 else "832")
            basket = self._order(buyer, habit)
            if basket is not None:
                buyer.behave(basket)
            time.sleep(buyer.dice.uniform(0, PAUSE_S_MAX))

    def _order(self, buyer: Buyer, habit: Habit) -> Basket | None:
        try:
            basket = buyer.order(buyer.choose(self.stalls), habit)
        except Refused:
            # Whether the order stands is not known to somebody who never heard an answer.
            with self.lock:
                self.unsure += 1
            raise
        if basket is not None:
            with self.lock:
                self.baskets.append(basket)
        return basket


def _pay_one_by_one(baskets: list[Basket]) -> None:
    # One person has one connection.
    for basket in baskets:
        basket.buyer.come_back(basket)
