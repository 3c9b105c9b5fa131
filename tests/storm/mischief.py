"""The outside world at its worst: everything told twice, in the wrong order, or falsely."""

import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import redis
from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError

from tests.market_day.client import Client, Counter, Refused
from tests.storm.books import Books
from tests.support.stack import Stack

LOOK_EVERY_S = 0.2
LOOK_BACK = 5_000
TALES = (
    ("SIGNED", "COLLECTED", "SIGNED"),
    ("COLLECTED", "COLLECTED", "SIGNED", "IN_TRANSIT"),
    ("DELIVERING", "COLLECTED", "SIGNED", "SIGNED"),
    ("PROBLEM", "IN_TRANSIT", "COLLECTED", "SIGNED"),
)
TOLD_BY_HAND = 0.25
SAID_AGAIN = 20


@dataclass
class Echo:
    """Publishes every delivery a second time to the queue of its consumer."""

    stack: Stack
    queues: dict[str, str]
    seed: int
    doubled: int = 0
    seen: set[int] = field(default_factory=set)
    due: deque[tuple[int, str]] = field(default_factory=deque)

    def run(self, is_over: threading.Event) -> None:
        """Double what is recorded, each time a random while later, until told to stop."""
        books, dice = Books(self.stack), random.Random(self.seed)
        celery = _publisher(self.stack.redis_url, sorted(set(self.queues.values())))
        while not is_over.wait(LOOK_EVERY_S):
            self._look(books)
            # Some while the first is at work, some long after it.
            self._repeat(celery, lambda: dice.random() < 0.5)
        # What is left is told when all of it was done long ago.
        self._look(books)
        self._repeat(celery, lambda: True)
        books.close()

    def _look(self, books: Books) -> None:
        # Keys become visible out of order, so each look goes back a good way.
        rows = books.rows(
            "SELECT id, consumer FROM outbox_delivery WHERE id > %s ORDER BY id",
            max(self.seen, default=0) - LOOK_BACK,
        )
        fresh = [row for row in rows or [] if row[0] not in self.seen]
        self.due.extend((row[0], row[1]) for row in fresh)
        self.seen.update(row[0] for row in fresh)

    def _repeat(self, celery: Celery, is_chosen: Callable[[], bool]) -> None:
        for _ in range(len(self.due)):
            delivery_id, consumer = self.due.popleft()
            if is_chosen() and self._publish(celery, delivery_id, consumer):
                self.doubled += 1
            else:
                self.due.append((delivery_id, consumer))

    def _publish(self, celery: Celery, delivery_id: int, consumer: str) -> bool:
        try:
            celery.send_task(
                consumer,
                kwargs={"delivery_id": delivery_id},
                queue=self.queues[consumer],
                retry=False,
                ignore_result=True,
            )
        except (OperationalError, redis.RedisError, OSError):
            return False
        return True


@dataclass
class Gossip:
    """A carrier who reports by hand in the wrong order, and outsiders who say things again."""

    stack: Stack
    counter: Counter
    seed: int
    reports: int = 0
    repeated: int = 0
    forged: int = 0
    believed: int = 0

    def run(self, is_over: threading.Event) -> None:
        """Tell tales of parcels, and every now and then everything old again."""
        books, dice = Books(self.stack), random.Random(self.seed)
        client = Client(self.stack.url, self.counter)
        seen: set[str] = set()
        while not is_over.wait(1):
            for parcel in self._parcels(books, seen):
                if dice.random() < TOLD_BY_HAND:
                    self._tell(client, parcel, dice.choice(TALES))
            if dice.random() < 0.3:
                self._say_again(books)
            self._forge(client, books)
        books.close()

    def _parcels(self, books: Books, seen: set[str]) -> list[str]:
        rows = books.rows(
            "SELECT reference FROM parcels_parcel WHERE state IN ('CREATED', 'COLLECTED')"
            " AND parked_at IS NULL ORDER BY id DESC LIMIT 40"
        )
        fresh = [str(row[0]) for row in rows or [] if str(row[0]) not in seen]
        seen.update(fresh)
        return fresh

    def _tell(self, client: Client, parcel: str, tale: tuple[str, ...]) -> None:
        for state in tale:
            try:
                client.post(f"/sandbox/parcels/{parcel}/events", {"state": state})
                self.reports += 1
            except Refused:
                # It was called back meanwhile.
                return

    def _say_again(self, books: Books) -> None:
        for table in ("sandbox_provider_notice", "sandbox_carrier_scan"):
            said = books.rows(
                f"UPDATE {table} SET answered_at = NULL, due_at = now()"
                f" WHERE id IN (SELECT id FROM {table} WHERE answered_at IS NOT NULL"
                " AND attempts < 6 ORDER BY random() LIMIT %s) RETURNING id",
                SAID_AGAIN,
            )
            self.repeated += len(said or [])

    def _forge(self, client: Client, books: Books) -> None:
        rows = books.rows(
            "SELECT reference, amount_fen FROM payments_payment WHERE state = 'PROCESSING'"
            " ORDER BY random() LIMIT 1"
        )
        for reference, amount_fen in rows or []:
            self.forged += 1
            try:
                client.post(
                    "/payments/sandbox/callbacks",
                    {
                        "event_id": f"EV-forged-{self.forged}",
                        "merchant_reference": str(reference),
                        "transaction": "SB-forged",
                        "state": "CAPTURED",
                        "amount_fen": amount_fen,
                    },
                )
                self.believed += 1
            except Refused:
                pass


def _publisher(redis_url: str, queues: list[str]) -> Celery:
    broker = redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
    celery = Celery("storm", broker=broker)
    celery.conf.task_queues = [Queue(name) for name in queues]
    celery.conf.broker_transport_options = {
        "socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0,
    }  # fmt: skip
    return celery
