"""What is wrong wherever a value of some kind is right (`domain.md` 2.17)."""

import copy
import re
from collections.abc import Iterator
from typing import Any

UUID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
INSTANT_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT")
DAY_SHAPE = re.compile(r"\d{4}-\d\d-\d\d$")
CODE_SHAPE = re.compile(r"[A-Z_]+$")
# A key that JSON itself allows to be written wrongly: a surrogate without its partner.
LONE_SURROGATE = "@lone-surrogate@"


def leaves(body: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every place in a body with what stands there."""
    if pointer:
        yield pointer, body
    if isinstance(body, dict):
        for name, inner in body.items():
            yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(body, list):
        for place, inner in enumerate(body):
            yield from leaves(inner, f"{pointer}/{place}")


def spoiled(body: Any, pointer: str, value: Any) -> Any:
    whole = copy.deepcopy(body)
    *way, last = pointer.split("/")[1:]
    place = whole
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = value
    return whole


def spoilings(value: Any) -> dict[str, Any]:
    """Return what is wrong wherever a value like this one is right, by kind of spoiling."""
    if isinstance(value, bool):
        return {"text": "yes", "number": 7, "list": [True], "object": {}}
    if isinstance(value, int):
        return {
            "negative": -1,
            "text": "7",
            "fraction": 1.5,
            "truth": True,
            "list": [1],
            "object": {},
            "too much": 10**13 + 1,
            "beyond bigint": 2**63,
            "beyond any": 10**30,
        }
    if isinstance(value, str):
        return _spoiled_text(value)
    if isinstance(value, list):
        return {
            "text": "all",
            "number": 7,
            "object": {"0": 1},
            "of nothing": [None],
            "of lists": [[]],
        }
    if isinstance(value, dict):
        return {"text": "all", "number": 7, "list": [1]}
    return {"object": {}, "list": ["x"]}


def _spoiled_text(value: str) -> dict[str, Any]:
    wrong: dict[str, Any] = {
        "number": 7,
        "truth": True,
        "list": ["x"],
        "object": {"x": 1},
        "nul": f"{value}\x00",
        "surrogate": LONE_SURROGATE,
        "turned": f"\u202e{value}",
        "endless": "长" * 20_000,
    }
    if UUID_SHAPE.match(value):
        wrong |= {"garbage": "garbage", "half": value[:20]}
    elif INSTANT_SHAPE.match(value):
        wrong |= {"naive": value[:19], "garbage": "soon", "no day": "2026-02-30T00:00:00Z"}
    elif DAY_SHAPE.match(value):
        wrong |= {"garbage": "soon", "no day": "2026-02-30", "far": "99999-01-01"}
    elif CODE_SHAPE.fullmatch(value):
        wrong |= {"unknown": "NO_SUCH_CODE", "small": value.lower() + "x"}
    elif re.fullmatch(r"\d{6}", value):
        wrong |= {"unknown region": "999999", "half": value[:4]}
    return wrong
