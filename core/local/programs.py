"""Where a local run listens, and the programs that need nothing but their environment."""

import contextlib
import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import redis

from core.local.processes import Program
from core.local.refusals import CannotStart

CELERY = "marketplace.config.celery"
QUEUES = ("deadlines", "orders", "campaigns", "logistics", "catalogue", "bulk")
WEB_WORKERS = 2
WEB_THREADS = 16
TASK_PROCESSES = 2
# As core.outbox.pulse writes them.
WORKER, BEAT = "heartbeat:worker", "heartbeat:beat"
HEARTBEAT_SECONDS_MAX = 60.0
HEARTBEAT_LOOK_SECONDS = 5.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RED, PLAIN = "\033[31;1m", "\033[0m"


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port of this machine."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return how a browser on this machine gets there."""
        if self.host in {"0.0.0.0", "::"}:  # noqa: S104
            return f"http://127.0.0.1:{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_public(self) -> bool:
        """Tell whether other machines can reach it."""
        return self.host not in LOOPBACK


def chosen_address() -> Address:
    """Return the free address that HOST and PORT name; port 0 is any free one.

    Raises:
        CannotStart: it is taken, not ours, or not an address.
    """
    host, wanted = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not wanted.isascii() or not wanted.isdigit() or int(wanted) > 65_535:
        raise CannotStart(f"PORT is {wanted!r}; it must be a number from 0 to 65535.")
    try:
        family, _, _, _, place = socket.getaddrinfo(host, int(wanted), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return Address(host, int(probe.getsockname()[1]))
    except PermissionError as wrong:
        raise CannotStart(f"only root may listen on port {wanted}; try PORT=8000.") from wrong
    except OSError as wrong:
        if wrong.errno is not None and "in use" in os.strerror(max(wrong.errno, 0)):
            raise CannotStart(
                f"port {wanted} on {host} is taken by another program; "
                f"choose another one, for example PORT={(int(wanted) + 1) % 65_536}."
            ) from wrong
        raise CannotStart(f"HOST={host} is not an address of this machine.") from wrong


def require_private_sandbox(address: Address, environment: Mapping[str, str]) -> None:
    """Keep sandbox providers, which pay with play money, away from other machines.

    Raises:
        CannotStart: the address is public and nobody said that this is meant.
    """
    if not address.is_public or environment.get("SANDBOX") != "yes":
        return
    if environment.get("SANDBOX_IS_PUBLIC") != "yes":
        raise CannotStart(
            f"HOST={address.host} lets other machines in while the sandbox providers are on "
            "(anybody may sign in and pay with play money); "
            "set SANDBOX_IS_PUBLIC=yes if that is meant."
        )
    print(
        f"{RED}Other machines can reach this sandbox: anybody may sign in as anybody.{PLAIN}",
        flush=True,
    )


def web(address: Address, environment: Mapping[str, str]) -> Program:
    """Return the web server."""
    return Program(
        name="web",
        command=[
            *(sys.executable, "-m", "granian", "marketplace.config.wsgi:application"),
            *("--interface", "wsgi", "--host", address.host, "--port", str(address.port)),
            *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
            *("--respawn-failed-workers", "--workers-kill-timeout", "8", "--no-ws"),
            *("--log-level", "warning"),
        ],
        environment=environment,
        is_ready=lambda: _answers(address),
    )


def worker(environment: Mapping[str, str], pulse: "Pulse") -> Program:
    """Return the Celery worker, which consumes every queue."""
    return Program(
        name="worker",
        command=[
            *(sys.executable, "-m", "celery", "--quiet", "--app", CELERY, "worker"),
            *("--queues", ",".join(QUEUES), "--concurrency", str(TASK_PROCESSES)),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ],
        # Only a cold stop puts a running task back; a warm one waits for it to the end.
        environment={
            **environment,
            "REMAP_SIGTERM": "SIGQUIT",
            # Root on a machine of one's own is a choice; Celery's warning is for servers.
            "PYTHONWARNINGS": "ignore:You're running the worker",
        },
        is_ready=pulse.worker_has_answered,
        is_well=pulse.of_worker,
    )


def beat(environment: Mapping[str, str], folder: Path, pulse: "Pulse") -> Program:
    """Return the clock: a process of its own, so that a dead worker does not stop it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return Program(
        name="beat",
        command=[
            *(sys.executable, "-m", "celery", "--quiet", "--app", CELERY, "beat"),
            *("--schedule", str(folder / "schedule"), "--pidfile", "", "--loglevel", "WARNING"),
        ],
        environment=environment,
        is_well=pulse.of_beat,
    )


class Pulse:
    """The heartbeats that beat and the workers write, as the supervisor feels them."""

    def __init__(self, redis_url: str) -> None:
        self._client = redis.Redis.from_url(redis_url, socket_timeout=2)
        self._began = time.monotonic()
        self._next_look = 0.0
        self._ages: dict[str, float] = {}

    def worker_has_answered(self) -> bool:
        """Tell whether a worker has done something since this run began."""
        age = self._age_of(WORKER)
        return age is not None and age < time.monotonic() - self._began

    def of_beat(self, running_seconds: float) -> bool:
        """Tell whether beat, which has run for a while, still ticks."""
        return running_seconds < HEARTBEAT_SECONDS_MAX or not self._is_late(BEAT)

    def of_worker(self, running_seconds: float) -> bool:
        """Tell whether a worker, which has run for a while, still answers beat."""
        if running_seconds < HEARTBEAT_SECONDS_MAX:
            return True
        # A silent beat asks the workers for nothing, so their silence means nothing.
        return self._is_late(BEAT) or not self._is_late(WORKER)

    def _is_late(self, key: str) -> bool:
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + HEARTBEAT_LOOK_SECONDS
            self._look()
        # No key is an emptied or unreachable Redis; the next beat writes it again.
        return self._ages.get(key, 0.0) > HEARTBEAT_SECONDS_MAX

    def _look(self) -> None:
        ages = {key: self._age_of(key) for key in (BEAT, WORKER)}
        self._ages = {key: age for key, age in ages.items() if age is not None}

    def _age_of(self, key: str) -> float | None:
        with contextlib.suppress(redis.RedisError):
            said = self._client.get(key)
            if isinstance(said, bytes):
                return time.time() - float(said)
        return None


def _answers(address: Address) -> bool:
    host = address.url.removeprefix("http://").rpartition(":")[0].strip("[]")
    connection = http.client.HTTPConnection(host, address.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status in {200, 404}
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
