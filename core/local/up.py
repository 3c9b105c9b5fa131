"""`manage.py up`: everything a market needs, started in order, watched, and stopped cleanly."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from core.local import programs
from core.local.bootstrap import ROOT, local_dir
from core.local.folder import Folder
from core.local.postgres import Cluster
from core.local.processes import Program, Supervisor
from core.local.refusals import CannotStart
from core.local.valkey import Store

DEVELOPMENT = {
    "SANDBOX": "yes",
    "DEBUG": "no",
    "DEMONSTRATION": "yes",
    "MARKETPLACE_LIMITS_FACTOR": "1000",
    "PYTHONUNBUFFERED": "1",
}
DEMONSTRATION = (
    ("staff", "+8613900000001"),
    ("farmer", "+8613900000002"),
    ("buyer", "+8613900000003"),
)
SERVERS = ("valkey", "postgres")


class Stop(KeyboardInterrupt):
    """Somebody asked this run to end."""


def up(options: Sequence[str]) -> int:
    """Run the market until somebody stops it.

    Raises:
        CannotStart: something about this machine is in the way.
    """
    unknown = set(options) - {"--quiet"}
    if unknown:
        raise CannotStart(f"up knows no option {unknown.pop()!r}; there is only --quiet.")
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop)
    folder = Folder(local_dir())
    # The folder first: a run that was killed holds its port until its reaper has finished.
    folder.take()
    try:
        return Market(folder, programs.chosen_address(), is_quiet="--quiet" in options).run()
    finally:
        folder.release()


class Market:
    """One run of the whole market."""

    def __init__(self, folder: Folder, address: programs.Address, *, is_quiet: bool) -> None:
        self.folder = folder
        self.address = address
        self.environment = {**os.environ}
        self.supervisor = Supervisor(
            logs=folder.path / "logs", is_quiet=is_quiet, kept_handles=[folder.lock]
        )

    def run(self) -> int:
        """Start everything in order, then watch over it."""
        started = time.monotonic()
        try:
            self._prepare_environment()
            self._start_servers()
            self._prepare_database()
            self._start_programs()
            self._say_where_to_look(time.monotonic() - started)
            while True:
                self.supervisor.turn()
        except Stop as asked:
            self.supervisor.say(f"\nStopping ({asked})")
            return 0
        finally:
            self._end()

    def _prepare_environment(self) -> None:
        given = os.environ
        for name, value in DEVELOPMENT.items():
            self.environment.setdefault(name, value)
        programs.require_private_sandbox(self.address, self.environment)
        for name, file in self.folder.secret_files().items():
            if name.removesuffix("_FILE") not in given:
                self.environment.setdefault(name, file)
        self.environment |= {
            "LOCAL_DIR": str(self.folder.path),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
        }
        self.environment.setdefault("PUBLIC_URL", self.address.url)
        hosts = ["127.0.0.1", "localhost", "[::1]", self.address.host]
        if self.address.is_public:
            hosts.append("*")
        self.environment.setdefault("ALLOWED_HOSTS", ",".join(dict.fromkeys(hosts)))
        for name in ("static", "media"):
            (self.folder.path / name).mkdir(mode=0o700, exist_ok=True)

    def _start_servers(self) -> None:
        if not self.environment.get("REDIS_URL"):
            self.supervisor.say("Starting Valkey")
            store = Store(self.folder.path / "valkey", self.folder.sockets())
            store.start(self.supervisor)
            self.environment["REDIS_URL"] = store.url
        if not self.environment.get("DATABASE_URL"):
            self.supervisor.say("Starting PostgreSQL")
            cluster = Cluster(self.folder.path / "postgres", self.folder.sockets())
            cluster.make_if_missing(self.supervisor)
            self.supervisor.start(cluster.program())
            self.supervisor.wait_until_ready("postgres")
            cluster.make_database()
            self.environment["DATABASE_URL"] = cluster.url

    def _prepare_database(self) -> None:
        code = self.supervisor.run_once(
            Program(
                name="prepare",
                command=[sys.executable, "-m", "core.local.prepare"],
                environment=self.environment,
            )
        )
        if code:
            raise CannotStart(
                f"the database could not be prepared; see {self.supervisor.logs / 'prepare.log'}."
            )

    def _start_programs(self) -> None:
        self.supervisor.say("Starting the web server, the worker and beat")
        self.supervisor.start(programs.web(self.address, self.environment))
        pulse = programs.Pulse(self.environment["REDIS_URL"])
        self.supervisor.start(programs.worker(self.environment, pulse))
        self.supervisor.start(programs.beat(self.environment, self.folder.path / "beat", pulse))
        self.supervisor.changed = self._note
        self._note()
        self.supervisor.wait_until_ready("web", "worker", "beat")

    def _note(self) -> None:
        running = self.supervisor.programs.items()
        self.folder.note(
            {
                "supervisor": os.getpid(),
                "url": self.address.url,
                "sockets": str(self.folder.sockets()),
                "database_url": self.environment["DATABASE_URL"],
                "redis_url": self.environment["REDIS_URL"],
                "processes": {name: one.process.pid for name, one in running if one.process},
            }
        )

    def _say_where_to_look(self, seconds: float) -> None:
        url = self.address.url
        lines = [
            "",
            f"The market is open after {seconds:.0f} s.",
            f"  front page   {url}/",
            f"  API docs     {url}/api/docs/",
            f"  admin        {url}/admin/",
        ]
        if self.environment["SANDBOX"] == self.environment["DEMONSTRATION"] == "yes":
            lines.append("  sign-ins     by phone and the code that the sandbox shows you:")
            lines += [f"    {who:<10} {phone}" for who, phone in DEMONSTRATION]
            lines.append(f"    {'console':<10} admin, password {self._admin_password()}")
        lines += [f"  logs         {self.supervisor.logs}", "Ctrl-C stops it.", ""]
        self.supervisor.say("\n".join(lines))

    def _admin_password(self) -> str:
        if "ADMIN_PASSWORD" in self.environment:
            return "as ADMIN_PASSWORD says"
        return Path(self.environment["ADMIN_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()

    def _end(self) -> None:
        try:
            apart = [name for name in self.supervisor.programs if name not in SERVERS]
            self.supervisor.changed = lambda: None
            self.supervisor.stop(apart)
            self.supervisor.stop()
        except Stop:
            self.supervisor.say("Ending at once")
            self.supervisor.kill()
        finally:
            self.supervisor.close()


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stop(signal.Signals(number).name)
