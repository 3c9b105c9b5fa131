"""Telling the workers that something waits; nothing depends on being heard.

Note [Deaf broker]: a ring that fails is only late, because the sweep rings again. So the
connection used here gives up quickly, and after a failure nobody tries for a moment: a request
never waits for a broker that is gone.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from celery import Celery, current_app
from django.db import transaction
from kombu import Connection

from core.outbox import consuming

CONNECT_TIMEOUT_S = 0.2
SILENT_AFTER_FAILURE_S = 2.0

logger = structlog.get_logger(__name__)
_local = threading.local()
_silence: dict[str, float] = {"until": 0.0}


@dataclass(frozen=True, slots=True)
class Ring:
    """One delivery to point a worker at."""

    delivery_id: int
    consumer: str
    request_id: str = ""
    is_again: bool = False


def ring_after_commit(rings: Sequence[Ring]) -> None:
    """Ring once the transaction is durable; whatever happens then, the caller has succeeded."""

    def ring_now() -> None:
        ring(rings)

    transaction.on_commit(ring_now, robust=True)


def ring(rings: Sequence[Ring]) -> int:
    """Send delivery ids to the queues of their consumers; return how many were sent."""
    if time.monotonic() < _silence["until"]:
        return 0
    sent = 0
    try:
        for one in rings:
            sent += _send(one)
    except Exception as failure:  # noqa: BLE001 - Whatever is wrong with the broker, see Note [Deaf broker].
        _silence["until"] = time.monotonic() + SILENT_AFTER_FAILURE_S
        _forget_connection()
        logger.warning("doorbell_not_heard", unsent=len(rings) - sent, failure=repr(failure))
    return sent


def _send(one: Ring) -> int:
    found = consuming.registered().get(one.consumer)
    if found is None:
        logger.warning("consumer_unknown", consumer=one.consumer, delivery_id=one.delivery_id)
        return 0
    found.task.apply_async(
        kwargs={"delivery_id": one.delivery_id, **({"again": True} if one.is_again else {})},
        headers={"request_id": one.request_id},
        producer=_producer(),
        retry=False,
    )
    return 1


def _producer() -> Any:
    producer = getattr(_local, "producer", None)
    if producer is None:
        app: Celery = current_app
        options = {
            **(app.conf.broker_transport_options or {}),
            "socket_timeout": CONNECT_TIMEOUT_S,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "retry_on_timeout": False,
            "max_retries": 0,
        }
        connection = app.connection_for_write(
            connect_timeout=CONNECT_TIMEOUT_S, transport_options=options
        )
        _local.connection = connection
        _local.producer = producer = app.amqp.Producer(connection, auto_declare=False)
    return producer


def _forget_connection() -> None:
    connection: Connection | None = getattr(_local, "connection", None)
    _local.producer = _local.connection = None
    if connection is not None:
        connection.release()
