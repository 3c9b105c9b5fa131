"""Counts of what costs too little to be worth a row: kept beside the queue, fetched now and then.

Whatever is counted here may be lost with the memory it stands in; nothing that must be true is.
"""

import time
from functools import cache

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

# Read and forgotten in one step, so that nothing is fetched twice.
_TAKE = """
local counted = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return counted
"""
# After Redis failed, how long it is left alone; and how long a count nobody fetches is kept.
_REST_S = 1.0
_KEEP_S = 172_800


class _Tallies:
    def __init__(self) -> None:
        self.client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25
        )
        self.script = self.client.register_script(_TAKE)
        self.rests_until = 0.0

    def add(self, name: str, what: str) -> None:
        if time.monotonic() < self.rests_until:
            return
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hincrby(name, what, 1)
        pipeline.expire(name, _KEEP_S)
        try:
            pipeline.execute()
        except redis.RedisError as failure:
            self.rests_until = time.monotonic() + _REST_S
            log.warning("tally_is_lost", tally=name, reason=type(failure).__name__)

    def take(self, name: str) -> dict[str, int]:
        try:
            pairs = [one.decode() for one in self.script(keys=[name])]
        except redis.RedisError as failure:
            log.warning("tally_is_away", tally=name, reason=type(failure).__name__)
            return {}
        return dict(zip(pairs[::2], map(int, pairs[1::2]), strict=True))


@cache
def _tallies() -> _Tallies:
    return _Tallies()


def add(name: str, what: str) -> None:
    """Count one more of something; where Redis does not answer, it is not counted."""
    _tallies().add(f"tally:{name}", what)


def take(name: str) -> dict[str, int]:
    """Return what was counted since it was last asked for, and forget it."""
    return _tallies().take(f"tally:{name}")
