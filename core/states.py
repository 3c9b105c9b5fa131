"""Lives as tables: what is not written in a machine cannot happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import IllegalTransition


@dataclass(frozen=True, slots=True)
class Machine:
    """The whole life of one kind of thing: `{(state, action): next state}`."""

    subject: str
    transitions: Mapping[tuple[str, str], str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "transitions", MappingProxyType(dict(self.transitions)))

    def moves_of(self, action: str) -> dict[str, str]:
        """Return `{from: to}` for an action.

        Raises:
            IllegalTransition: no state of this machine knows the action.
        """
        moves = {
            source: target for (source, name), target in self.transitions.items() if name == action
        }
        if not moves:
            raise IllegalTransition(subject=self.subject, action=action)
        return moves

    def actions_in(self, state: str) -> list[str]:
        """Return the actions that are possible in a state, in alphabetical order."""
        return sorted(name for (source, name) in self.transitions if source == state)

    def next_of(self, state: str, action: str) -> str | None:
        """Return where an action leads from a state, or None where it cannot happen."""
        return self.transitions.get((state, action))
