"""Rate limits: exact under concurrency, one round trip, one script (GCRA)."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.http.callers import caller_of
from core.http.refusals import TooMany
from core.http.resting import Resting

# The generic cell rate algorithm: one number per key, the instant at which the caller's credit
# is whole again. The clock is the server's own, so all web processes agree.
_GCRA = """
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local whole_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local after = whole_at + interval
local wait = after - burst * interval - now
if wait > 0 then
  return {0, 0, wait, whole_at - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return {1, math.floor((now + burst * interval - after) / interval), 0, after - now}
"""
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `burst` at once, and `burst` in every `per_s` seconds in the long run."""

    name: str
    burst: int
    per_s: int = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after asking: what is left, and when it is whole again."""

    limit: Limit
    is_allowed: bool
    left: int
    retry_after_s: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the two headers of the IETF draft."""
        name = self.limit.name
        return {
            "RateLimit": f'"{name}";r={self.left};t={self.reset_s}',
            "RateLimit-Policy": f'"{name}";q={self.limit.burst};w={self.limit.per_s}',
        }


DEFAULT = Limit("default", 600, per_s=60)


def spend_limit(limit: Limit, key: str) -> Standing | None:
    """Use up one of a caller's turns.

    Returns None where Redis does not answer: an ordinary limit protects comfort, not money, so
    the market stays open. What must hold without Redis is guarded by rows.

    Raises:
        TooMany: there is no turn left; it says when the next one comes.
    """
    standing = _ask(limit, key)
    if standing is not None and not standing.is_allowed:
        raise TooMany(standing.retry_after_s)
    return standing


class RateLimit(BaseThrottle):
    """Count every call of the API against its caller; a view's `rate` replaces the default."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = getattr(view, "rate", DEFAULT)
        standing = _ask(limit, caller_of(request))
        # The middleware writes it on the answer, whatever the answer will be.
        request._request.standing = standing  # type: ignore[attr-defined]  # noqa: SLF001
        if standing is not None and not standing.is_allowed:
            raise TooMany(standing.retry_after_s)
        return True


class _Counter(Resting):
    """The connection of this process with the script that counts."""

    def __init__(self) -> None:
        super().__init__("limits_are_open")
        self.script = self.client.register_script(_GCRA)

    def ask(self, key: str, interval_us: int, burst: int) -> list[Any] | None:
        return self.unless_away(lambda: list(self.script(keys=[key], args=[interval_us, burst])))


@cache
def _counter() -> _Counter:
    return _Counter()


def _ask(limit: Limit, key: str) -> Standing | None:
    burst = limit.burst * settings.MARKETPLACE_LIMITS_FACTOR
    answer = _counter().ask(
        # What was counted by another measure says nothing by this one.
        f"limit:{limit.name}:{burst}:{key}",
        max(1, limit.per_s * _MICROSECONDS // burst),
        burst,
    )
    if answer is None:
        return None
    allowed, left, wait_us, reset_us = (int(figure) for figure in answer)
    return Standing(
        limit=Limit(limit.name, burst, limit.per_s),
        is_allowed=bool(allowed),
        left=left,
        retry_after_s=max(1, math.ceil(wait_us / _MICROSECONDS)),
        reset_s=math.ceil(reset_us / _MICROSECONDS),
    )
