"""The folder of a local run: whose turn it is, where its sockets live, what it keeps secret."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.local.bootstrap import make_folder
from core.local.refusals import CannotStart

# The longest path of a Unix socket is 103 bytes on macOS; PostgreSQL's own name needs 18.
SOCKET_FOLDER_BYTES_MAX = 80
STOPPING_SECONDS = 20.0
# How long somebody who was just killed may still look alive.
DYING_SECONDS = 0.5
POLL_SECONDS = 0.1


class Folder:
    """One LOCAL_DIR, held by one run at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = -1
        self._sockets: Path | None = None

    def take(self) -> None:
        """Take the folder for this run.

        Raises:
            CannotStart: it cannot be written to, or another run holds it.
        """
        make_folder(self.path)
        try:
            self.lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as wrong:
            raise CannotStart(
                f"{self.path} belongs to another user; choose another folder with LOCAL_DIR."
            ) from wrong
        self._wait_for_turn()
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"{os.getpid()}\n".encode(), 0)
        left_behind = self.facts().get("sockets")
        if left_behind and Path(left_behind).parent == Path(tempfile.gettempdir()):
            shutil.rmtree(left_behind, ignore_errors=True)
        self.note({})

    def sockets(self) -> Path:
        """Return a short folder for sockets that only this user may enter."""
        if self._sockets is None:
            self._sockets = _socket_folder(self.path / "run")
        return self._sockets

    def note(self, facts: Mapping[str, Any]) -> None:
        """Write down where everything is, for people's other terminals."""
        file = self.path / "stack.json"
        beside = file.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(facts, indent=1), encoding="utf-8")
        beside.replace(file)

    def facts(self) -> dict[str, Any]:
        """Return what the last run wrote down."""
        try:
            facts = json.loads((self.path / "stack.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def secret_files(self) -> dict[str, str]:
        """Return `NAME_FILE` variables of this folder's secrets, making those that are missing."""
        folder = self.path / "secrets"
        make_folder(folder)
        for name, value in fresh_secrets().items():
            if not (folder / name).exists():
                beside = folder / f".{name}"
                beside.unlink(missing_ok=True)
                beside.touch(mode=0o600)
                beside.write_text(value, encoding="utf-8")
                beside.rename(folder / name)
        return {f"{name}_FILE": str(folder / name) for name in fresh_secrets()}

    def release(self) -> None:
        """Let go of the folder, leaving no socket behind."""
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
        self.note({})
        os.close(self.lock)

    def _wait_for_turn(self) -> None:
        began = time.monotonic()
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            # A run that was killed leaves the lock to its reaper until everything has stopped.
            holder = os.pread(self.lock, 20, 0).decode().strip()
            patience = DYING_SECONDS if holder and _lives(int(holder)) else STOPPING_SECONDS
            if time.monotonic() - began > patience:
                raise CannotStart(
                    f"{self.path} is in use by another run (process {holder or 'unknown'}); stop "
                    "it, or run a second copy with LOCAL_DIR=.local-2 PORT=8001."
                )
            time.sleep(POLL_SECONDS)


def fresh_secrets() -> dict[str, str]:
    """Return new secrets under the names of their variables."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "FIELD_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ADMIN_PASSWORD": secrets.token_urlsafe(12),
    }


def _socket_folder(preferred: Path) -> Path:
    if len(bytes(preferred)) <= SOCKET_FOLDER_BYTES_MAX:
        shutil.rmtree(preferred, ignore_errors=True)
        preferred.mkdir(mode=0o700)
        # Some shared and network file systems carry no sockets.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(preferred / "probe"))
            (preferred / "probe").unlink()
            return preferred
    return Path(tempfile.mkdtemp(prefix="market-"))


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
