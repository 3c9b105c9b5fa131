"""Work by the clock: sets with rests, so that others get on, and waits that grow with failures."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

# Beat calls again within seconds; until then others in the queue have their turn.
TURN_S = 4.0
# As long as it worked was felt too much by whoever buys meanwhile (`make bench`, expiry).
REST = 2


def work_off(step: Callable[[], int], *, at_once: int, turn_s: float = TURN_S) -> int:
    """Repeat a due-service that takes sets until a set is not full; return how much it did.

    After each set it rests twice as long as the set took, so it never takes more than a third of
    what it runs on, and it stops after `turn_s` seconds: what is left is left for the next call.
    """
    until = time.monotonic() + turn_s
    done = 0
    while True:
        began = time.monotonic()
        took = step()
        done += took
        worked = time.monotonic() - began
        if took < at_once or began + (1 + REST) * worked >= until:
            return done
        time.sleep(REST * worked)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next attempt: twice as long after each failure."""

    first: timedelta
    longest: timedelta

    def after(self, failures: int) -> timedelta:
        """Return the wait after a failure that had so many before it."""
        return min(self.first * (1 << min(failures, 20)), self.longest)
