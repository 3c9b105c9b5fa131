import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.folder import SOCKET_FOLDER_BYTES_MAX, Folder
from core.local.refusals import CannotStart

HOLD = """
import sys
from pathlib import Path
from core.local.folder import Folder
Folder(Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "local")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_folder_is_held_by_one_run_at_a_time(holder, tmp_path):
    with pytest.raises(CannotStart, match=f"in use by another run .process {holder.pid}"):
        Folder(tmp_path / "local").take()


def test_a_killed_run_does_not_hold_its_folder(holder, tmp_path):
    holder.kill()

    Folder(tmp_path / "local").take()

    assert (tmp_path / "local" / "lock").read_text() == f"{os.getpid()}\n"


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    folder = Folder(tmp_path / "local")
    made = {name: Path(file).read_text() for name, file in folder.secret_files().items()}

    again = {name: Path(file).read_text() for name, file in folder.secret_files().items()}

    assert made == again
    assert len(set(made.values())) == 4
    for file in folder.secret_files().values():
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "local" / "secrets").stat().st_mode) == 0o700


def test_a_secret_that_was_half_written_is_made_again(tmp_path):
    secrets = tmp_path / "local" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / ".SECRET_KEY").write_text("hal")

    files = Folder(tmp_path / "local").secret_files()

    assert len(Path(files["SECRET_KEY_FILE"]).read_text()) == 80


def test_sockets_of_a_deep_folder_live_in_a_short_one(tmp_path):
    deep = tmp_path / ("a" * SOCKET_FOLDER_BYTES_MAX)
    folder = Folder(deep)
    folder.take()

    sockets = folder.sockets()

    assert len(bytes(sockets)) < SOCKET_FOLDER_BYTES_MAX
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    folder.release()
    assert not sockets.exists()


def test_sockets_that_a_killed_run_left_are_cleared_away(tmp_path):
    deep = tmp_path / ("a" * SOCKET_FOLDER_BYTES_MAX)
    killed = Folder(deep)
    killed.take()
    left = killed.sockets()
    killed.note({"sockets": str(left)})
    os.close(killed.lock)

    Folder(deep).take()

    assert not left.exists()
