"""Build the environment on a machine that has only Python, then go on inside it.

Standard library only: this runs before anything is installed. The environment lives in a folder
named by the lock file and the Python version, is built beside that name and renamed into place
when whole, so an interrupted build is simply repeated and an upgrade builds beside the old one.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.local.refusals import CannotStart

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ("django", "rest_framework", "celery", "granian", "psycopg", "redis")
DEVELOPMENT = (*RUNTIME, "pytest", "hypothesis", "ruff", "mypy", "importlinter")
DEVELOPMENT_COMMANDS = frozenset({"test", "verify"})
DJANGO = "5.2"
DISK_NEEDED_MB = {
    "requirements.txt": 900,
    "requirements-dev.txt": 1_300,
    "requirements-fuzz.txt": 300,
    "requirements-audit.txt": 200,
}
GLIBC_OLDEST = (2, 28)
MACHINES = frozenset({"x86_64", "amd64", "aarch64", "arm64"})


def enter(arguments: Sequence[str]) -> None:
    """Go on in an environment that has what the command needs; return at once where it is."""
    command = arguments[1] if len(arguments) > 1 else ""
    for_development = command in DEVELOPMENT_COMMANDS
    if _is_importable(DEVELOPMENT if for_development else RUNTIME):
        return
    try:
        python = environment(for_development=for_development)
    except CannotStart as refusal:
        sys.exit(f"manage.py: {refusal}")
    except KeyboardInterrupt:
        sys.exit("\nmanage.py: stopped; repeat the command to go on.")
    os.execv(python, [str(python), *arguments])  # noqa: S606


def environment(*, for_development: bool) -> Path:
    """Return the Python of a whole environment, building it if there is none.

    Raises:
        CannotStart: this machine cannot carry it, or the installation failed.
    """
    locks = ["requirements-dev.txt"] if for_development else ["requirements.txt"]
    # What is built for development runs the market too.
    candidates = [folder_of(lock) for lock in dict.fromkeys((*locks, "requirements-dev.txt"))]
    if Path(sys.prefix).resolve() in [folder.resolve() for folder in candidates]:
        raise CannotStart(
            f"the environment in {sys.prefix} is damaged; delete that folder and try again."
        )
    for folder in candidates:
        if folder.is_dir():
            return folder / "bin" / "python"
    _require_platform()
    return _build(candidates[0], ROOT / locks[0]) / "bin" / "python"


def tools(lock: str) -> Path:
    """Return the Python of an environment that holds tools and nothing of the market.

    Raises:
        CannotStart: this machine cannot carry it, or the installation failed.
    """
    folder = folder_of(lock)
    if not folder.is_dir():
        _require_platform()
        _build(folder, ROOT / lock)
    return folder / "bin" / "python"


def local_dir() -> Path:
    """Return the folder that holds everything a local run makes."""
    return Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").expanduser().resolve()


def folder_of(lock: str) -> Path:
    """Return where the environment of a lock file and of this Python belongs."""
    facts = (ROOT / lock).read_bytes() + sys.version.encode() + platform.machine().encode()
    name = f"{Path(lock).stem}-py{sys.version_info[0]}{sys.version_info[1]}"
    return local_dir() / "environments" / f"{name}-{hashlib.sha256(facts).hexdigest()[:12]}"


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter.

    Raises:
        CannotStart: it cannot be made or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as wrong:
        raise CannotStart(
            f"{folder} cannot be written to ({wrong.strerror}); "
            "choose another folder with LOCAL_DIR=/some/folder."
        ) from wrong


def _is_importable(names: Sequence[str]) -> bool:
    if any(importlib.util.find_spec(name) is None for name in names):
        return False
    # A system-wide Django of another version is not ours to run on.
    return importlib.metadata.version("django").startswith(f"{DJANGO}.")


def _require_platform() -> None:
    if sys.platform not in {"linux", "darwin"} or platform.machine().lower() not in MACHINES:
        raise CannotStart(
            f"{platform.system()} on {platform.machine()} has no embedded servers; use Linux or "
            "macOS on x86_64 or arm64, or docker compose."
        )
    if sys.platform == "linux":
        name, version = platform.libc_ver()
        if name != "glibc":
            raise CannotStart(
                "this system uses musl, for which no PostgreSQL is packaged; "
                "use a glibc system such as Debian, or docker compose."
            )
        if tuple(int(part) for part in version.split(".")[:2]) < GLIBC_OLDEST:
            raise CannotStart(f"glibc {version} is too old; 2.28 or newer is needed.")
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise CannotStart(
                f"this Python has no {module} module; install it first "
                f"(Debian and Ubuntu: apt install python3.{sys.version_info[1]}-venv)."
            )


def _require_disk(folder: Path, lock: Path) -> None:
    needed = DISK_NEEDED_MB[lock.name]
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < needed:
        raise CannotStart(
            f"{folder} has {free} MB free and {needed} MB are needed; "
            "make room or choose another folder with LOCAL_DIR=/some/folder."
        )


def _build(folder: Path, lock: Path) -> Path:
    make_folder(local_dir())
    make_folder(folder.parent)
    with _alone(folder.parent / "lock") as handle:
        if folder.is_dir():
            return folder
        building = folder.with_name(f"{folder.name}.building")
        shutil.rmtree(building, ignore_errors=True)
        _require_disk(folder.parent, lock)
        print(f"Building the environment of {lock.name} (once, a minute or two)", flush=True)
        _make_venv(building)
        _install(building, lock, handle)
        building.rename(folder)
    return folder


@contextmanager
def _alone(file: Path) -> Iterator[int]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another command that is building the environment", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _make_venv(folder: Path) -> None:
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        last = (made.stdout + made.stderr).strip().splitlines()[-1:]
        raise CannotStart(
            f"python -m venv failed ({' '.join(last)}); install the venv package of this Python "
            f"(Debian and Ubuntu: apt install python3.{sys.version_info[1]}-venv)."
        )


def _install(folder: Path, lock: Path, handle: int) -> None:
    """Install the lock file with its hashes, saying how far it is."""
    outside = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"}
    packages = lock.read_text(encoding="utf-8").count("==")
    said: list[str] = []
    collected = 0
    with subprocess.Popen(  # noqa: S603
        [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--require-hashes",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--requirement",
            str(lock),
        ],
        env={name: value for name, value in os.environ.items() if name not in outside},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # An orphan of a killed build keeps the lock, so nobody builds under its hands.
        pass_fds=(handle,),
    ) as pip:
        for line in pip.stdout or ():
            said = [*said[-4:], line.strip()]
            if line.startswith("Collecting"):
                collected += 1
                if collected % 10 == 0:
                    print(f"  {collected} of about {packages} packages", flush=True)
            elif line.startswith("Installing"):
                print("  installing", flush=True)
    if pip.returncode:
        for line in said:
            print(f"  pip: {line}", file=sys.stderr)
        raise CannotStart(
            "installing the requirements failed, see pip's last lines above; "
            "check the network and repeat the command."
        )
