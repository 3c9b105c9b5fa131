"""The last one out: when the supervisor is gone, stop whatever it left behind.

Run as a script by the supervisor, which holds the only write end of its standard input. The
kernel closes that end however the supervisor dies, and this process then ends every process
group it was told of, removes temporary folders, and lets go of the folder's lock.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable

GENTLE_SECONDS = 8.0
POLL_SECONDS = 0.05


def main(lines: Iterable[str]) -> None:
    """Listen until the supervisor is gone, then clear up."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in lines:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "watch":
            group, gentle = rest.split()
            groups[int(group)] = int(gentle)
        elif verb == "forget":
            groups.pop(int(rest), None)
        elif verb == "remove":
            folders.append(rest)
    _stop(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(groups: dict[int, int]) -> None:
    for group, gentle in groups.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(group, gentle)
    patience = time.monotonic() + GENTLE_SECONDS
    leaders = set(groups)
    while leaders:
        is_over = time.monotonic() > patience
        for group in [one for one in leaders if is_over or not _lives(one)]:
            # What is left of a group whose leader is gone has nobody to stop it gently.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
            leaders.discard(group)
        time.sleep(POLL_SECONDS)


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.stdin)
