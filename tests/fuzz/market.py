"""The market that is driven: a whole one with its workers, or only what answers requests."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.local import programs, temporary
from core.local.bootstrap import ROOT
from core.local.folder import Folder
from core.local.leash import leashed
from core.local.processes import Program
from core.local.refusals import CannotStart
from tests.support.stack import Stack

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Market:
    """Where it listens, what a program needs to work on its database, who serves it."""

    url: str
    environment: Mapping[str, str]
    web_group: int
    media: Path


@contextmanager
def whole() -> Iterator[Market]:
    """Open a market as people do."""
    with Stack(DEMONSTRATION="no") as stack:
        folder = Folder(stack.folder)
        environment = {
            **stack.environment,
            **folder.secret_files(),
            "SANDBOX": "yes",
            "MARKETPLACE_LIMITS_FACTOR": "1000",
            "DATABASE_URL": stack.database_url,
            "REDIS_URL": stack.redis_url,
            "PUBLIC_URL": stack.url,
        }
        yield Market(stack.url, environment, stack.process_id("web"), stack.folder / "media")


@contextmanager
def answering() -> Iterator[Market]:
    """Open only the web server, on servers that are there or on temporary ones."""
    with temporary.servers() as servers, tempfile.TemporaryDirectory(prefix="market-fuzz-") as home:
        address = programs.Address("127.0.0.1", _free_port())
        environment = {
            **servers,
            "LOCAL_DIR": home,
            "MARKETPLACE_LIMITS_FACTOR": "1000",
            "DEMONSTRATION": "no",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": address.url,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore:No directory at",
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
        }
        prepare = [sys.executable, "-m", "core.local.prepare"]
        subprocess.run(prepare, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        web = programs.web(address, environment)
        with (Path(home) / "web.log").open("wb") as log:
            process = subprocess.Popen(
                leashed(web.command, gentle=web.gentle), cwd=ROOT, env=dict(web.environment),
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            _wait_for(process, web)
            yield Market(address.url, environment, process.pid, Path(home) / "media")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def _wait_for(process: "subprocess.Popen[bytes]", web: Program) -> None:
    end = time.monotonic() + PATIENCE_S
    while not web.is_ready():
        if process.poll() is not None or time.monotonic() > end:
            raise CannotStart("the web server did not open")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_peak_mb(group: int) -> int:
    """Return the most memory that any process of a group ever held."""
    peak = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _group_of(process) == group:
            said = (process / "status").read_text(encoding="utf-8")
            marks = [line.split()[1] for line in said.splitlines() if line.startswith("VmHWM")]
            peak = max(peak, *(int(kilobytes) // 1_000 for kilobytes in marks), 0)
    return peak


def _group_of(process: Path) -> int:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return 0
