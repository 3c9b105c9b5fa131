"""Whose turn it is: every second message that a worker takes is one that the clock sent."""

from kombu.utils.scheduling import round_robin_cycle

CLOCK = "deadlines"


class EverySecondTurn(round_robin_cycle):
    """The order in which a worker looks into its queues: in turn, the clock's between any two.

    Note [Stale clock]: beat rings some four times a second whatever there is to do, and a ring
    that has waited for seconds is thrown away. Were the turns equal, a backlog in all other
    queues would leave the clock's queue fewer turns than it has rings: it grows, everything in
    it is stale when its turn comes, and no due-service runs any more. Were the clock always
    first, due-services that take long would leave the others nothing.
    """

    _last = ""

    def consume(self, n: int) -> list[str]:  # type: ignore[override]
        """Return the queues in the order in which to look into them now."""
        # A list: the transport walks it once for each priority.
        turn = list(super().consume(n))
        if self._last == CLOCK:
            return turn
        return sorted(turn, key=lambda name: name != CLOCK)

    def rotate(self, last_used: str) -> None:
        """Note who had the turn; it moves to the end."""
        self._last = last_used
        super().rotate(last_used)
