"""Every task has a queue that somebody consumes, and beat asks only for tasks that exist."""

import pytest
from django.conf import settings

from marketplace.config.celery import app
from tests.support import house

house.import_everything()
app.loader.import_default_modules()

TASKS = sorted(
    (task for task in app.tasks.values() if task.name.split(".")[0] in house.PACKAGES),
    key=lambda task: task.name,
)
QUEUES = {queue.name for queue in settings.CELERY_TASK_QUEUES}


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_task_says_which_queue_it_waits_in(task):
    assert getattr(task, "queue", None) in QUEUES


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_beat_asks_for_a_task_that_exists(name):
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_task_takes_its_arguments_by_name(task):
    """An older worker must understand a newer message (style.md 10.10)."""
    code = task.run.__code__

    assert code.co_argcount == 0
