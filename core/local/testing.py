"""`manage.py test`: every test, in two halves side by side, each on servers of its own.

What starts whole processes mostly waits for them, so the rest of the tests runs meanwhile.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from core.local import temporary
from core.local.bootstrap import ROOT

SLOW, QUICK = ("-m", "slow"), ("-m", "not slow")
SERVERS = ("DATABASE_URL", "REDIS_URL")


def test(options: Sequence[str]) -> int:
    """Run what the options choose, or everything; return the exit code."""
    # Named servers are one database: there the tests come one after the other.
    if options or any(os.environ.get(name) for name in SERVERS):
        with temporary.servers() as environment:
            return temporary.run("pytest", *options, environment=environment)
    return everything(os.environ)


def everything(environment: Mapping[str, str]) -> int:
    """Run both halves; what the slow one says is shown at its end."""
    own = {name: value for name, value in environment.items() if name not in SERVERS}
    with tempfile.TemporaryFile("w+") as said, _beside(SLOW, own, said) as slow:
        with temporary.servers() as served:
            quick_code = temporary.run("pytest", *QUICK, environment={**own, **served})
        print("\nThose that start whole processes:", flush=True)
        slow_code = slow.wait()
        said.seek(0)
        print(said.read(), flush=True)
    return quick_code or slow_code


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
