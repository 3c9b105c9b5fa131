"""Real worker processes on the test database, in process groups that can be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """Start one worker group on every queue; its output goes to a file named in `.log`."""
    log = tempfile.NamedTemporaryFile("wb", suffix=".worker.log", delete=False)  # noqa: SIM115
    command = [
        *(sys.executable, "-m", "celery", "-A", "tests.support.worker_app", "worker"),
        *("--concurrency", "2", "--loglevel", "INFO", *arguments),
    ]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    group = subprocess.Popen(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": path,
            **_servers(),
            **environment,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    group.log = Path(log.name)
    return group


def kill(group: subprocess.Popen) -> None:
    """Kill a whole worker group at once, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group.pid, signal.SIGKILL)
    group.wait(timeout=10)


def until(condition, *, seconds: float = 40):
    """Wait until a condition holds and return what it gave."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < end:
        given = condition()
        if given:
            return given
        pause.wait(0.05)
    raise AssertionError(f"{condition} did not come true within {seconds} s")


def _servers() -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])
    name = quote(str(connection.settings_dict["NAME"]))
    return {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }
