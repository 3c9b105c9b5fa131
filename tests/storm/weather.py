"""What breaks and when: dealt from a shuffled deck by a seed, so that a storm can be had again."""

import os
import random
import signal
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from pathlib import Path

import redis

from tests.support.stack import Stack

PROGRAMS = ("web", "worker", "beat", "postgres", "valkey")
EMPTIED = "Redis emptied"
ONE_TASK = "one task process"
FAULTS = (*PROGRAMS, ONE_TASK, EMPTIED)
REDIS_PATIENCE_S = 0.5
GETS_UP_S_MAX = 20
LOOK_EVERY_S = 0.25


class Weather:
    """Breaks one thing after another until it is told to stop."""

    def __init__(
        self,
        stack: Stack,
        *,
        seed: int,
        gap_s: tuple[float, float],
        say: Callable[[str], None],
    ) -> None:
        self.stack = stack
        self.dice = random.Random(seed)
        self.gap_s = gap_s
        self.say = say
        self.done: Tally[str] = Tally()
        self.missed: Tally[str] = Tally()
        self.deck: list[str] = []

    def blow(self, until: float, is_over: threading.Event) -> None:
        """Break things until an instant of the monotonic clock."""
        began = time.monotonic()
        while not is_over.wait(self.dice.uniform(*self.gap_s)) and time.monotonic() < until:
            fault = self._dealt()
            struck = self._strike_patiently(fault, is_over)
            (self.done if struck else self.missed)[fault] += 1
            if not struck:
                self.deck.insert(0, fault)
            self.say(
                f"  {time.monotonic() - began:6.1f} s  ! {fault} {struck or 'was down already'}"
            )

    def _dealt(self) -> str:
        # A deck and not dice: even a short storm has seen everything once.
        if not self.deck:
            self.deck = list(FAULTS)
            self.dice.shuffle(self.deck)
        return self.deck.pop()

    def _strike_patiently(self, fault: str, is_over: threading.Event) -> str:
        # What lies on the ground cannot be knocked down; it is waited for, but not for ever.
        end = time.monotonic() + GETS_UP_S_MAX
        while not (struck := self._strike(fault)) and time.monotonic() < end:
            if is_over.wait(LOOK_EVERY_S):
                break
        return struck

    def _strike(self, fault: str) -> str:
        try:
            if fault == EMPTIED:
                return self._empty()
            if fault == ONE_TASK:
                return self._kill_one_task()
            return f"killed (group {self.stack.kill(fault)})"
        except (KeyError, ProcessLookupError, redis.RedisError):
            return ""

    def _empty(self) -> str:
        with redis.Redis.from_url(self.stack.redis_url, socket_timeout=REDIS_PATIENCE_S) as server:
            lost = server.dbsize()
            server.flushall()
        return f"({lost} keys)"

    def _kill_one_task(self) -> str:
        children = _children_of(self.stack.process_id("worker"))
        if not children:
            return ""
        chosen = self.dice.choice(children)
        os.kill(chosen, signal.SIGKILL)
        return f"killed (process {chosen})"


def _children_of(process_id: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    except FileNotFoundError as gone:
        raise ProcessLookupError(process_id) from gone
    return sorted(int(child) for child in listed.split())
