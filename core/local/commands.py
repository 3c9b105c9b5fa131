"""Which word on the command line does what."""

import os
import sys
from collections.abc import Callable, Sequence

from django.core.management import execute_from_command_line

from core.local import auditing, temporary, testing, up, verification
from core.local.bootstrap import local_dir
from core.local.folder import Folder
from core.local.refusals import CannotStart


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    ours = OURS.get(arguments[1]) if len(arguments) > 1 else None
    if ours is None:
        _know_local_run()
        execute_from_command_line(list(arguments))
        return 0
    try:
        return ours(arguments[2:])
    except CannotStart as refusal:
        print(f"manage.py: {refusal}", file=sys.stderr)
        return 1


def _market_day(options: Sequence[str]) -> int:
    # It needs no servers of ours: it starts a whole market, or is told where one is.
    return temporary.run("tests.market_day", *options, environment=os.environ)


def _bench(options: Sequence[str]) -> int:
    return temporary.run("tests.bench", *options, environment=os.environ)


def _storm(options: Sequence[str]) -> int:
    return temporary.run("tests.storm", *options, environment=os.environ)


def _rush(options: Sequence[str]) -> int:
    return temporary.run("tests.rush", *options, environment=os.environ)


def _fuzz(options: Sequence[str]) -> int:
    return temporary.run("tests.fuzz", *options, environment=os.environ)


def _know_local_run() -> None:
    """Let Django's own commands reach the run that is going on in another terminal."""
    path = local_dir()
    if "DATABASE_URL" in os.environ or not (path / "secrets").is_dir():
        return
    folder = Folder(path)
    facts = folder.facts()
    known = {
        **folder.secret_files(),
        "SANDBOX": "yes",
        # Where nothing runs, commands that need no server still work.
        "DATABASE_URL": facts.get("database_url", "postgresql://market@/market?host=/nowhere"),
        "REDIS_URL": facts.get("redis_url", "unix:///nowhere?db=0"),
    }
    for name, value in known.items():
        if name.removesuffix("_FILE") not in os.environ:
            os.environ.setdefault(name, value)


OURS: dict[str, Callable[[Sequence[str]], int]] = {
    "up": up.up,
    "test": testing.test,
    "verify": verification.verify,
    "market-day": _market_day,
    "fuzz": _fuzz,
    "audit": auditing.audit,
    "bench": _bench,
    "storm": _storm,
    "rush": _rush,
}
