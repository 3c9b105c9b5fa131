"""Gates before what a crowd wants: they let in little more than can be served, in one round trip.

Nothing depends on them. They stand in Redis, are written anew all the time from what the database
says, and are open where nobody has written them: then the database decides alone, which is slower.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from hashlib import blake2b
from typing import Any

from core.http.resting import Resting

# Without a word from whoever writes the gates they are forgotten, and written by whoever asks next.
KNOWN_MS = 10_000
# Meanwhile one of those who ask writes; should it die, another one after this time.
WRITING_MS = 1_000
# As long as answers are remembered: whoever was let in is let in again with the same request.
PASS_MS = 24 * 3_600_000

_KNOWN, _GOODS, _TOKENS, _WRITING = (
    f"gate:{name}" for name in ("known", "goods", "tokens", "writing")
)


class Standing(IntEnum):
    """What a gate says: there is none here, not now, nobody knows (write them), let in."""

    OPEN = 0
    CLOSED = 1
    UNKNOWN = 2
    LET_IN = 3


@dataclass(frozen=True, slots=True)
class Gate:
    """So many tokens for whoever wants some goods within a window."""

    name: str
    goods: str
    opens_at: datetime
    closes_at: datetime
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How somebody stands before the gates, and before which of them."""

    standing: Standing
    names: tuple[str, ...] = ()
    who: str = ""


# The clock is the server's own. All tokens are taken, or none.
_ASK = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  if redis.call('SET', KEYS[4], 1, 'NX', 'PX', ARGV[1]) then return {2} end
  return {0}
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local names, count, seen = {}, 0, {}
for _, said in ipairs(redis.call('HMGET', KEYS[2], unpack(ARGV, 3))) do
  if said then
    local name, from, to = string.match(said, '^(%S+) (%d+) (%d+)$')
    if tonumber(from) <= now and now < tonumber(to) and not seen[name] then
      seen[name] = true
      count = count + 1
      names[count] = name
    end
  end
end
if count == 0 or redis.call('EXISTS', KEYS[5]) == 1 then return {0} end
for _, name in ipairs(names) do
  if tonumber(redis.call('HGET', KEYS[3], name) or '0') <= 0 then return {1, name} end
end
for _, name in ipairs(names) do redis.call('HINCRBY', KEYS[3], name, -1) end
redis.call('SET', KEYS[5], 1, 'PX', ARGV[2])
return {3, unpack(names)}
"""
# A gate that was taken away meanwhile gets nothing back.
_GIVE_BACK = """
redis.call('DEL', KEYS[2])
for _, name in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[1], name) == 1 then redis.call('HINCRBY', KEYS[1], name, 1) end
end
return 1
"""


def ask(goods: Sequence[str], *, who: str) -> Answer:
    """Take a token of each gate before these goods, for one request of somebody.

    The same request is let in again without one. UNKNOWN is heard by one caller at a time, who is
    to `write` the gates and to ask again; the others find them open.
    """
    keeper = _keeper()
    if not goods:
        return Answer(Standing.OPEN)
    keys = [_KNOWN, _GOODS, _TOKENS, _WRITING, _pass_of(who)]
    said = keeper.unless_away(
        lambda: list(keeper.asking(keys=keys, args=[WRITING_MS, PASS_MS, *goods]))
    )
    if said is None:
        return Answer(Standing.OPEN)
    return Answer(Standing(int(said[0])), tuple(name.decode() for name in said[1:]), who)


def give_back(answer: Answer) -> None:
    """Give back the tokens of a request that came to nothing."""
    keeper = _keeper()
    keys = [_TOKENS, _pass_of(answer.who)]
    keeper.unless_away(lambda: keeper.giving_back(keys=keys, args=list(answer.names)))


def forget(answer: Answer) -> None:
    """Let the same request not in again without a token; the ones that it had are used up."""
    keeper = _keeper()
    keeper.unless_away(lambda: keeper.client.delete(_pass_of(answer.who)))


def write(gates: Iterable[Gate]) -> None:
    """Put these gates in the place of all that stand."""
    keeper, goods, tokens = _keeper(), dict[Any, Any](), dict[Any, Any]()
    for gate in gates:
        goods[gate.goods] = f"{gate.name} {_ms(gate.opens_at)} {_ms(gate.closes_at)}"
        tokens[gate.name] = gate.tokens
    pipeline = keeper.client.pipeline(transaction=True)
    pipeline.delete(_GOODS, _TOKENS)
    if goods:
        pipeline.hset(_GOODS, mapping=goods)
        pipeline.hset(_TOKENS, mapping=tokens)
    pipeline.set(_KNOWN, 1, px=KNOWN_MS)
    keeper.unless_away(pipeline.execute)


class _Keeper(Resting):
    """The connection of this process with the scripts of the gates."""

    def __init__(self) -> None:
        super().__init__("gates_are_open")
        self.asking = self.client.register_script(_ASK)
        self.giving_back = self.client.register_script(_GIVE_BACK)


@cache
def _keeper() -> _Keeper:
    return _Keeper()


def _pass_of(who: str) -> str:
    return f"gate:pass:{blake2b(who.encode(), digest_size=16).hexdigest()}"


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000)
