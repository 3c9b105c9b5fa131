"""Redis as something that may be away: whoever asks it goes on without an answer."""

import time
from collections.abc import Callable
from typing import TypeVar

import redis
import structlog
from django.conf import settings

# After Redis failed, how long it is left alone before it is asked again.
REST_S = 1.0
TIMEOUT_S = 0.25

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Resting:
    """The connection of this process, and whether it is resting after a failure.

    `without` is what the log calls a moment in which it does not answer.
    """

    def __init__(self, without: str) -> None:
        self.without = without
        self.client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        self.rests_until = 0.0

    def unless_away(self, ask: Callable[[], T]) -> T | None:
        """Return the answer, or None where there is none or the last failure was a moment ago."""
        if time.monotonic() < self.rests_until:
            return None
        try:
            return ask()
        except redis.RedisError as failure:
            self.rests_until = time.monotonic() + REST_S
            log.warning(self.without, reason=type(failure).__name__)
            return None
