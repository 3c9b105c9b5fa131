"""`manage.py test`: every test, in three parts side by side, each on servers of its own.

What starts whole processes mostly waits for them, so the rest of the tests runs meanwhile: those
that come through the market's faces in one part, all others in another.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO

from core.local import temporary
from core.local.bootstrap import ROOT

FACES = ("tests/architecture", "tests/console", "tests/journeys", "tests/permissions")
# What each part beside the rest says is shown at its end.
BESIDE = {
    "Those that come through the faces": ("-m", "not slow", *FACES),
    "Those that start whole processes": ("-m", "slow"),
}
THE_REST = ("-m", "not slow", *(f"--ignore={folder}" for folder in FACES))
SERVERS = ("DATABASE_URL", "REDIS_URL")


def test(options: Sequence[str]) -> int:
    """Run what the options choose, or everything; return the exit code."""
    # Named servers are one database: there the tests come one after the other.
    if options or any(os.environ.get(name) for name in SERVERS):
        with temporary.servers() as environment:
            return temporary.run("pytest", *options, environment=environment)
    return everything(os.environ)


def everything(environment: Mapping[str, str]) -> int:
    """Run all parts and return the exit code of one that failed, if any."""
    own = {name: value for name, value in environment.items() if name not in SERVERS}
    with ExitStack() as stack:
        running = {}
        for part, options in BESIDE.items():
            said = stack.enter_context(tempfile.TemporaryFile("w+"))
            running[part] = said, stack.enter_context(_beside(options, own, said))
        with temporary.servers() as served:
            codes = [temporary.run("pytest", *THE_REST, environment={**own, **served})]
        for part, (said, process) in running.items():
            print(f"\n{part}:", flush=True)
            codes.append(process.wait())
            said.seek(0)
            print(said.read(), flush=True)
    return next((code for code in codes if code), 0)


def _beside(
    options: Sequence[str], environment: Mapping[str, str], said: IO[str]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603
        [sys.executable, str(ROOT / "manage.py"), "test", *options],
        cwd=ROOT,
        env=dict(environment),
        stdout=said,
        stderr=subprocess.STDOUT,
    )
