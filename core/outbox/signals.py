"""What the processes of Celery do besides their tasks: name themselves in logs, show life."""

from typing import Any

import structlog
from celery import Task, signals
from django.db import close_old_connections

from core.outbox import pulse

PROOF = "core.outbox.tasks.prove_chain"


def connect() -> None:
    """Listen to the signals of Celery, once for each process."""
    signals.task_prerun.connect(look_at_connections)
    signals.task_prerun.connect(bind_task)
    signals.task_postrun.connect(show_worker_life)
    signals.after_task_publish.connect(show_beat_life, sender=PROOF)


def look_at_connections(task: Task, **_: Any) -> None:
    """Leave a connection that broke or is old before a task, as Django does before a request."""
    if not task.request.is_eager:
        close_old_connections()


def bind_task(task_id: str, task: Task, **_: Any) -> None:
    """Let every log line of a task carry its id, its name and the request that caused it."""
    headers = task.request.headers or {}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    request_id = headers.get("request_id") or getattr(task.request, "request_id", "")
    if request_id:
        structlog.contextvars.bind_contextvars(request_id=request_id)


def show_worker_life(**_: Any) -> None:
    """Forget what the task was about, and show that it was done."""
    structlog.contextvars.clear_contextvars()
    pulse.beat_heart(pulse.WORKER)


def show_beat_life(**_: Any) -> None:
    """Only beat publishes the proof, so its publication is beat's own sign of life."""
    pulse.beat_heart(pulse.BEAT)
