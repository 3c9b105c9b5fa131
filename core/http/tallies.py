"""Counts of what costs too little to be worth a row: kept beside the queue, fetched now and then.

Whatever is counted here may be lost with the memory it stands in; nothing that must be true is.
"""

from functools import cache
from typing import Any

from core.http.resting import Resting

# Read and forgotten in one step, so that nothing is fetched twice.
_TAKE = """
local counted = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return counted
"""
# How long a count nobody fetches is kept.
_KEEP_S = 172_800


class _Tallies(Resting):
    """The connection of this process with the script that takes."""

    def __init__(self) -> None:
        super().__init__("tallies_are_away")
        self.script = self.client.register_script(_TAKE)

    def add(self, name: str, what: str) -> None:
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hincrby(name, what, 1)
        pipeline.expire(name, _KEEP_S)
        self.unless_away(pipeline.execute)

    def take(self, name: str) -> dict[str, int]:
        pairs: list[Any] = self.unless_away(lambda: list(self.script(keys=[name]))) or []
        words = [one.decode() for one in pairs]
        return dict(zip(words[::2], map(int, words[1::2]), strict=True))


@cache
def _tallies() -> _Tallies:
    return _Tallies()


def add(name: str, what: str) -> None:
    """Count one more of something; where Redis does not answer, it is not counted."""
    _tallies().add(f"tally:{name}", what)


def take(name: str) -> dict[str, int]:
    """Return what was counted since it was last asked for, and forget it."""
    return _tallies().take(f"tally:{name}")
