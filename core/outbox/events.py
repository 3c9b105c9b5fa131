"""What a fact looks like: a frozen dataclass with a topic."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")

_BY_TOPIC: dict[str, type] = {}
_TOPICS: dict[type, str] = {}


class NotAnEvent(TypeError):
    """Events are frozen dataclasses, marked with `@event("room.what_happened")`."""


def event(topic: str) -> Callable[[type[E]], type[E]]:
    """Mark a frozen dataclass as a fact that can be recorded under a topic."""

    def mark(kind: type[E]) -> type[E]:
        params = getattr(kind, "__dataclass_params__", None)
        if params is None or not params.frozen:
            raise NotAnEvent(kind.__qualname__)
        if _BY_TOPIC.get(topic, kind).__qualname__ != kind.__qualname__:
            raise ValueError(f"Two events claim the topic {topic}")
        _BY_TOPIC[topic] = kind
        _TOPICS[kind] = topic
        return kind

    return mark


def topic_of(kind: type) -> str:
    """Return the topic of a kind of event."""
    try:
        return _TOPICS[kind]
    except KeyError:
        raise NotAnEvent(kind.__qualname__) from None


def is_known(topic: str) -> bool:
    """Tell whether the program has an event of that topic."""
    return topic in _BY_TOPIC


def encode(fact: Any) -> dict[str, Any]:
    """Return an event as JSON can hold it."""
    return dataclasses.asdict(fact)


def decode(topic: str, body: dict[str, Any]) -> Any:
    """Return the event again; fields that only a newer publisher knows are left out."""
    kind = _BY_TOPIC[topic]
    known = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in body.items() if name in known})
