"""Signs of life: who wrote `heartbeat:worker` and `heartbeat:beat` in Redis, and when.

Beat writes its own when it publishes the tiny `prove_chain` task; a worker writes its own
whenever it has finished a task, and `prove_chain` sees to it that there always is one. So a
fresh worker heartbeat proves the whole chain: beat, broker, consumption, a pool process.
"""

import time
from functools import cache

import structlog
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WORKER, BEAT = "heartbeat:worker", "heartbeat:beat"
TIMEOUT_S = 0.5
WRITE_EVERY_S = 1.0

logger = structlog.get_logger(__name__)
_written: dict[str, float] = {}


def beat_heart(key: str) -> None:
    """Say that a process is alive, at most once a second."""
    started = time.monotonic()
    if started - _written.get(key, -WRITE_EVERY_S) < WRITE_EVERY_S:
        return
    _written[key] = started
    try:
        client().set(key, f"{time.time():.3f}")
    except RedisError as failure:
        logger.warning("heartbeat_not_written", heart=key, failure=repr(failure))


def heartbeats() -> dict[str, float | None]:
    """Return when each was last alive, in seconds since 1970, or None where nobody knows.

    Raises:
        RedisError: the broker does not answer.
    """
    keys = (WORKER, BEAT)
    values = client().mget(keys)
    return {key: float(value) if value else None for key, value in zip(keys, values, strict=True)}


def queue_lengths() -> dict[str, int]:
    """Return how many messages wait in each queue.

    Raises:
        RedisError: the broker does not answer.
    """
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    pipeline = client().pipeline(transaction=False)
    for name in names:
        pipeline.llen(name)
    return dict(zip(names, pipeline.execute(), strict=True))


@cache
def client() -> Redis:
    """Return this process's own connection pool; it gives up quickly and never tries twice."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        **({} if settings.REDIS_URL.startswith("unix") else {"socket_connect_timeout": TIMEOUT_S}),
    )
