"""An event with consumers whose effects can be counted: rows of the state log."""

import os
import signal
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from core.audit.actors import SYSTEM
from core.audit.advancing import log_birth
from core.audit.models import StateLog
from core.errors import DomainError
from core.outbox import deliveries
from core.outbox.consuming import consumer
from core.outbox.events import event
from core.states import Machine
from core.transactions import entry

CURTAIN = 740_022
REHEARSAL = Machine("rehearsal", {("OPEN", "close"): "CLOSED"})


class Unwelcome(DomainError):
    """This rehearsal is unwelcome."""

    code = "UNWELCOME"
    zh = "不欢迎。"


@event("tests.rehearsed")
@dataclass(frozen=True)
class Rehearsed:
    number: int
    mood: str = "fine"


@event("tests.unheard")
@dataclass(frozen=True)
class Unheard:
    number: int


@entry
def on_rehearsed(*, delivery_id: int, now) -> None:
    fact = deliveries.settle(delivery_id, now=now)
    if fact is None:
        return
    log_birth(REHEARSAL, [fact.number], "OPEN", actor=SYSTEM, now=now)
    if fact.mood == "refused":
        raise Unwelcome
    if fact.mood == "broken":
        raise RuntimeError("a string snapped")
    if fact.mood == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if fact.mood == "waits":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (CURTAIN,))


@consumer(Rehearsed, queue="orders")
def applaud(*, delivery_id: int, **_: object) -> None:
    on_rehearsed(delivery_id=delivery_id, now=timezone.now())


def effects(number: int) -> int:
    """Count how often a rehearsal had its effect."""
    return StateLog.objects.filter(subject="rehearsal", subject_id=number).count()
