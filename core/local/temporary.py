"""Servers for one command: in a temporary folder, without durability, gone afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.local.bootstrap import ROOT
from core.local.folder import fresh_secrets
from core.local.postgres import Cluster
from core.local.processes import Supervisor
from core.local.valkey import Store


@contextmanager
def servers() -> Iterator[Mapping[str, str]]:
    """Yield an environment with secrets and with servers, starting those it does not name."""
    folder = Path(tempfile.mkdtemp(prefix="market-"))
    supervisor = Supervisor(logs=folder / "logs", is_quiet=True)
    supervisor.remove_at_end(folder)
    environment = {
        **fresh_secrets(),
        "SANDBOX": "yes",
        "LOCAL_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        **os.environ,
    }
    try:
        if not environment.get("REDIS_URL"):
            store = Store(folder / "valkey", folder, is_durable=False)
            store.start(supervisor)
            environment["REDIS_URL"] = store.url
        if not environment.get("DATABASE_URL"):
            cluster = Cluster(folder / "postgres", folder, is_durable=False)
            cluster.make_if_missing(supervisor)
            supervisor.start(cluster.program())
            supervisor.wait_until_ready("postgres")
            cluster.make_database()
            environment["DATABASE_URL"] = cluster.url
        yield environment
    finally:
        supervisor.stop()
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> int:
    """Run a module of this environment at the terminal and return its exit code."""
    # Ctrl-C is for the program in the foreground; afterwards the servers are stopped in peace.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with subprocess.Popen(  # noqa: S603
            [sys.executable, *_module(module), *arguments],
            cwd=ROOT,
            env=dict(environment),
            preexec_fn=_listen_to_interrupts,  # noqa: PLW1509
        ) as program:
            return program.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _module(name: str) -> Sequence[str]:
    return [name] if name.endswith(".py") else ["-m", name]


def _listen_to_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
