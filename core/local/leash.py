"""Become a program that ends with the process that started it.

Run as a script: `python -I -S leash.py SIGNAL PARENT program arguments...`. On Linux the kernel
sends the signal when the parent dies, however it dies; elsewhere the reaper alone does that work.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str], *, gentle: int) -> list[str]:
    """Return the command line that runs a program on a leash held by this process."""
    script = str(Path(__file__).resolve())
    return [sys.executable, "-I", "-S", script, str(gentle), str(os.getpid()), *command]


def main(arguments: Sequence[str]) -> None:
    """Put the leash on this process, then become the program."""
    gentle, parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(gentle), 0, 0, 0)
        if os.getppid() != int(parent):
            # The parent died before the leash was on, so no signal will ever come.
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
