"""What goes wrong in the middle of the day, on purpose."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial

import redis

from tests.support.stack import Stack

Say = Callable[[str], None]


def _none(stack: Stack, say: Say) -> None:
    """Nothing goes wrong."""


def _kill_workers(stack: Stack, say: Say) -> None:
    for _ in range(3):
        killed = stack.kill("worker")
        say(f"    ! the whole worker group {killed} killed with SIGKILL")
        time.sleep(5)


def _flush(stack: Stack, say: Say) -> None:
    server = redis.Redis.from_url(stack.redis_url)
    for _ in range(3):
        server.flushall()
        say("    ! Redis emptied")
        time.sleep(2)


def _flush_between(stack: Stack, say: Say) -> None:
    """Stop the consumers, let messages be published, empty Redis, let the consumers go on."""
    server = redis.Redis.from_url(stack.redis_url)
    for _ in range(3):
        group = stack.process_id("worker")
        os.killpg(group, signal.SIGSTOP)
        time.sleep(2)
        waiting = sum(server.llen(name) for name in _QUEUES)
        server.flushall()
        os.killpg(group, signal.SIGCONT)
        say(f"    ! Redis emptied with {waiting} messages published and not consumed")
        time.sleep(2)


_QUEUES = ("deadlines", "orders", "campaigns", "logistics", "catalogue", "bulk")

FAULTS: dict[str, Callable[[Stack, Say], None]] = {
    "none": _none,
    "kill-workers": _kill_workers,
    "flush": _flush,
    "flush-between": _flush_between,
}


def named(fault: str, stack: Stack, say: Say) -> Callable[[], None]:
    return partial(FAULTS[fault], stack, say)
