"""The supervisor: starts programs on a leash, passes their words on, restarts what falls over.

One thread does everything, because the kernel ends a leashed child with the thread that made it.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.local.leash import leashed
from core.local.refusals import CannotStart

BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
STEADY_SECONDS = 30.0
TURN_SECONDS = 0.05
LOG_BYTES_MAX = 10_000_000
LAST_WORDS = 12
# The log files keep every line; the terminal shows what a person should notice.
ROUTINE = ('"level":"debug"', '"level":"info"')
REAPER = Path(__file__).with_name("reaper.py")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, how to tell that it is ready, and how to ask it to stop."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    gentle: int = signal.SIGTERM
    is_ready: Callable[[], bool] = lambda: True
    is_well: Callable[[float], bool] = lambda _running_seconds: True
    stop_seconds: float = 12.0
    is_talkative: bool = True


@dataclass(slots=True)
class Running:
    """One program and its life under the supervisor."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    start_again_at: float | None = None
    half_line: bytes = b""
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_WORDS))


class Supervisor:
    """Every process of one local run."""

    def __init__(self, *, logs: Path, is_quiet: bool, kept_handles: Sequence[int] = ()) -> None:
        self.logs = logs
        self.is_quiet = is_quiet
        self.programs: dict[str, Running] = {}
        self.changed: Callable[[], None] = lambda: None
        self._selector = selectors.DefaultSelector()
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._reaper = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(REAPER)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(kept_handles),
        )

    def start(self, program: Program) -> Running:
        """Start a program and keep it running from now on; do not wait until it is ready."""
        running = self.programs.setdefault(program.name, Running(program))
        running.program = program
        self._launch(running)
        return running

    def wait_until_ready(self, *names: str, patience_seconds: float = 240.0) -> None:
        """Turn until every named program answers.

        Raises:
            CannotStart: one of them ended before it was ready, or took too long.
        """
        end = time.monotonic() + patience_seconds
        waiting = list(names)
        while waiting:
            self.turn(restart=False)
            for name in waiting:
                self._require_alive(name)
            waiting = [name for name in waiting if not self.programs[name].program.is_ready()]
            if waiting and time.monotonic() > end:
                raise CannotStart(
                    f"{', '.join(waiting)} did not answer in {patience_seconds:.0f} s"
                )

    def run_once(self, program: Program) -> int:
        """Run a program to its end and return its exit code."""
        running = self.start(program)
        process = running.process
        while process is not None and process.poll() is None:
            self.turn(restart=False)
        self.turn(restart=False)
        self._forget(running)
        del self.programs[program.name]
        return process.returncode if process else 1

    def turn(self, *, restart: bool = True) -> None:
        """Pass on what was said, and start again what has fallen over."""
        for key, _ in self._selector.select(TURN_SECONDS):
            self._pass_on(key.data, key.fileobj)  # type: ignore[arg-type]
        if not restart:
            return
        now = time.monotonic()
        for running in list(self.programs.values()):
            self._care_for(running, now)

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Ask programs to end, all at once, and kill the groups that do not in time."""
        chosen = list(self.programs) if names is None else names
        alive = [self.programs[name] for name in chosen if name in self.programs]
        for running in alive:
            _signal(running, running.program.gentle)
        patience = max((running.program.stop_seconds for running in alive), default=0.0)
        end = time.monotonic() + patience
        while any(_is_alive(running) for running in alive) and time.monotonic() < end:
            self.turn(restart=False)
        for running in alive:
            self._forget(running)
            del self.programs[running.program.name]

    def kill(self) -> None:
        """End everything at once."""
        for running in self.programs.values():
            self._forget(running)
        self.programs.clear()

    def remove_at_end(self, folder: Path) -> None:
        """Have a folder removed even if this process is killed."""
        self._tell_reaper(f"remove {folder}")

    def close(self) -> None:
        """Let the reaper go, after everything has stopped."""
        if self._reaper.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.close()
        self._reaper.wait()

    def say(self, sentence: str) -> None:
        """Tell the person at the terminal something."""
        print(sentence, flush=True)

    def _launch(self, running: Running) -> None:
        program = running.program
        running.process = subprocess.Popen(  # noqa: S603
            leashed(program.command, gentle=program.gentle),
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running.started_at = time.monotonic()
        running.start_again_at = None
        self._tell_reaper(f"watch {running.process.pid} {int(program.gentle)}")
        if running.process.stdout:
            os.set_blocking(running.process.stdout.fileno(), False)
            self._selector.register(running.process.stdout, selectors.EVENT_READ, running)
        self.changed()

    def _care_for(self, running: Running, now: float) -> None:
        if running.process is None:
            if running.start_again_at is not None and now >= running.start_again_at:
                self._launch(running)
            return
        up_seconds = now - running.started_at
        if running.process.poll() is not None:
            self._note_fall(running, up_seconds, f"ended with {running.process.returncode}")
        elif not running.program.is_well(up_seconds):
            self._note_fall(running, up_seconds, "shows no sign of life")

    def _note_fall(self, running: Running, up_seconds: float, what: str) -> None:
        running.falls = 1 if up_seconds > STEADY_SECONDS else running.falls + 1
        wait = BACKOFF_SECONDS[min(running.falls, len(BACKOFF_SECONDS)) - 1]
        self.say(f"{running.program.name} {what}; starting it again in {wait} s")
        # What the fallen one left of its group would hold its port and its tasks.
        self._forget(running)
        running.start_again_at = time.monotonic() + wait

    def _require_alive(self, name: str) -> None:
        running = self.programs[name]
        if _is_alive(running):
            return
        self.turn(restart=False)
        for line in running.last_words:
            print(f"  {name}: {line}", file=sys.stderr)
        raise CannotStart(
            f"{name} ended before it was ready; its last lines are above, "
            f"the rest is in {self.logs / name}.log"
        )

    def _forget(self, running: Running) -> None:
        process, running.process = running.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            while self._pass_on(running, process.stdout):
                pass
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(process.stdout)
            process.stdout.close()
        self._tell_reaper(f"forget {process.pid}")
        self.changed()

    def _tell_reaper(self, line: str) -> None:
        if self._reaper.stdin and not self._reaper.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.write(f"{line}\n".encode())
                self._reaper.stdin.flush()

    def _pass_on(self, running: Running, stream: IO[bytes]) -> bool:
        """Pass on what can be read now; tell whether there may be more."""
        try:
            said = os.read(stream.fileno(), 65_536)
        except (BlockingIOError, ValueError, OSError):
            return False
        is_last = not said
        if is_last:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(stream)
            # What was said last may lack the end of its line.
            said = b"\n" if running.half_line else b""
        _append(self.logs / f"{running.program.name}.log", said)
        *lines, running.half_line = (running.half_line + said).split(b"\n")
        for line in lines:
            self._show(running, line.decode(errors="replace").rstrip())
        return not is_last

    def _show(self, running: Running, line: str) -> None:
        running.last_words.append(line)
        is_news = line and not any(mark in line for mark in ROUTINE)
        if is_news and running.program.is_talkative and not self.is_quiet:
            print(f"{running.program.name:>8} | {line}", flush=True)


def _is_alive(running: Running) -> bool:
    return running.process is not None and running.process.poll() is None


def _signal(running: Running, number: int) -> None:
    if running.process is not None:
        with contextlib.suppress(ProcessLookupError):
            running.process.send_signal(number)


def _append(file: Path, said: bytes) -> None:
    if file.exists() and file.stat().st_size > LOG_BYTES_MAX:
        file.replace(file.with_suffix(".log.1"))
    with file.open("ab") as log:
        log.write(said)
