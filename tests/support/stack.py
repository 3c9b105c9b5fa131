"""A whole market of one's own: `manage.py up` in a folder of its own, for tests and long runs."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.local.bootstrap import ROOT

# What the caller's own servers and secrets are called; a stack never borrows them.
BORROWED = frozenset(
    {
        "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "FIELD_INDEX_KEY", "LOCAL_DIR",
        "HOST", "PORT", "DJANGO_SETTINGS_MODULE", "SANDBOX", "ADMIN_PASSWORD",
    }
)  # fmt: skip
PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.1


class DidNotHappen(AssertionError):
    """Something that was waited for did not come true in time."""


class Stack:
    """One running market.

    `with Stack(MARKETPLACE_UNPAID_MINUTES="1") as stack:` starts it and waits until it is ready.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        prefix: Sequence[str] = (),
        port: int = 0,
        **environment: str,
    ) -> None:
        self._temporary = None if home else tempfile.TemporaryDirectory(prefix="market-stack-")
        self.home = home or Path(self._temporary.name if self._temporary else "")
        self.folder = self.home / "local"
        self.prefix = tuple(prefix)
        kept = {name: value for name, value in os.environ.items() if name not in BORROWED}
        self.environment: Mapping[str, str] = {
            **kept, "LOCAL_DIR": str(self.folder), "PORT": str(port), **environment,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._temporary:
            self._temporary.cleanup()

    def start(self) -> None:
        """Start it and come back at once; what it says is in `said()`."""
        with self._said.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, str(ROOT / "manage.py"), "up"],
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the market says that it is open."""
        self.wait_until(lambda: "The market is open" in self.said() or self._has_ended(), seconds)
        if self._has_ended():
            raise DidNotHappen(f"the stack ended instead of opening:\n{self.said()}")

    def wait_until(self, holds: Callable[[], Any], seconds: float = 60.0) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise DidNotHappen(f"waited {seconds:.0f} s in vain:\n{self.said()[-4_000:]}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and return its exit code."""
        if self.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def kill_supervisor(self) -> None:
        """End the supervisor without a chance to say goodbye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def kill(self, name: str) -> int:
        """Kill a program (`web`, `worker`, `beat`, `postgres`, `valkey`) with all its processes."""
        process_id = self.process_id(name)
        os.killpg(process_id, signal.SIGKILL)
        return process_id

    def process_id(self, name: str) -> int:
        """Return the process id of a program, which is that of its group."""
        return int(self.facts["processes"][name])

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the run wrote down about itself."""
        facts = json.loads((self.folder / "stack.json").read_text(encoding="utf-8"))
        assert isinstance(facts, dict)
        return facts

    @property
    def url(self) -> str:
        """Return where the web server listens."""
        return str(self.facts["url"])

    @property
    def database_url(self) -> str:
        """Return how to reach its PostgreSQL."""
        return str(self.facts["database_url"])

    @property
    def redis_url(self) -> str:
        """Return how to reach its Valkey."""
        return str(self.facts["redis_url"])

    def status_of(self, path: str) -> int:
        """Return the status of a page, 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command against this market."""
        return subprocess.run(
            [*self.prefix, sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT, env=dict(self.environment), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def said(self) -> str:
        """Return everything it has said at the terminal."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def left_behind(self) -> list[str]:
        """Return the processes that still belong to this stack: `pid command`."""
        mark = str(self.folder).encode()
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and int(process.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if _belongs(process, mark):
                        command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                        found.append(f"{process.name} {command.decode(errors='replace')}")
        return found

    @property
    def _said(self) -> Path:
        return self.home / "said.txt"

    def _has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def _belongs(process: Path, mark: bytes) -> bool:
    if mark in (process / "cmdline").read_bytes():
        return True
    with contextlib.suppress(PermissionError):
        if mark in (process / "environ").read_bytes():
            return True
        # PostgreSQL's children hide their arguments but stay in the data folder.
        return mark in bytes((process / "cwd").readlink())
    return False
