"""Who acts, and for whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts and the person they act for; both None means the market itself."""

    user_id: int | None
    on_behalf_of_id: int | None = None


SYSTEM = Actor(user_id=None)
