"""Who acts on which fact: consumers register here, as Celery tasks of one to three lines."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from celery import Task, shared_task
from django.db import OperationalError, connection
from django.utils import timezone

from core.errors import Busy, DomainError
from core.outbox import events, failing
from core.transactions import is_connection_lost

# Shorter than a heartbeat may be old, so that nobody takes a waiting worker for a dead one.
AWAY_S_MAX = 30.0
LOOK_EVERY_S = 0.25

Work = Callable[..., None]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Consumer:
    """One function that owes an answer to every message of its topics."""

    name: str
    queue: str
    topics: tuple[str, ...]
    work: Work
    task: Task


_BY_NAME: dict[str, Consumer] = {}


def consumer(*kinds: type, queue: str) -> Callable[[Work], Task]:
    """Register a function of a `tasks` module as the consumer of one or more kinds of event.

    It is called with `delivery_id` and whatever a newer publisher adds. A refusal parks the
    delivery; any other failure is tried again later, the last time parks.
    """

    def register(work: Work) -> Task:
        name = f"{work.__module__}.{work.__name__}"

        def answer(*, delivery_id: int, again: bool = False, **facts: object) -> None:
            is_redelivered = bool((task.request.delivery_info or {}).get("redelivered"))
            is_counted = again or is_redelivered
            if is_counted and not _begin(delivery_id, is_redelivered=is_redelivered):
                return
            _answer(work, delivery_id, facts, is_counted=is_counted)

        task = shared_task(name=name, queue=queue)(answer)
        topics = tuple(events.topic_of(kind) for kind in kinds)
        _BY_NAME[name] = Consumer(name, queue, topics, work, task)
        return task

    return register


def consumers_of(topic: str) -> list[Consumer]:
    """Return everybody who must act on a topic."""
    return [found for found in _BY_NAME.values() if topic in found.topics]


def registered() -> Mapping[str, Consumer]:
    """Return every consumer by name."""
    return dict(_BY_NAME)


def _begin(delivery_id: int, *, is_redelivered: bool) -> bool:
    # Note [Deadly messages]: a message that ends its process leaves no failure behind. So whoever
    # is told of a delivery again counts the attempt before it works, in a transaction of its own.
    # The first telling is trusted, because nearly all need no second one.
    return failing.begin(delivery_id, is_redelivered=is_redelivered, now=timezone.now())


def _answer(work: Work, delivery_id: int, facts: Mapping[str, Any], *, is_counted: bool) -> None:
    try:
        work(delivery_id=delivery_id, **facts)
    except Busy as busy:
        failing.postpone(delivery_id, busy, is_counted=is_counted, now=timezone.now())
    except DomainError as refusal:
        logger.warning("delivery_refused", delivery_id=delivery_id, code=refusal.code)
        failing.park(delivery_id, refusal, now=timezone.now())
    except Exception as failure:
        # The whole point of a delivery: whatever went wrong, it stays owed and is tried again.
        logger.exception("delivery_failed", delivery_id=delivery_id)
        _postpone_patiently(delivery_id, failure, is_counted=is_counted)


def _postpone_patiently(delivery_id: int, failure: Exception, *, is_counted: bool) -> None:
    # While the database is away every message would fail at once, and the sweep would have to
    # ring for the whole queue again. A worker that waits leaves the queue as it is.
    end = time.monotonic() + AWAY_S_MAX
    while True:
        try:
            failing.postpone(delivery_id, failure, is_counted=is_counted, now=timezone.now())
        except OperationalError as again:
            if not is_connection_lost(again) or time.monotonic() >= end:
                raise
            connection.close()
            time.sleep(LOOK_EVERY_S)
        else:
            return
