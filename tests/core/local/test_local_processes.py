import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.local.processes import Program, Supervisor
from core.local.refusals import CannotStart

ROOT = Path(__file__).resolve().parents[3]
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("family", child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path):
    made = Supervisor(logs=tmp_path / "logs", is_quiet=False)
    yield made
    made.kill()
    made.close()


def a_program(script, name="thing", **facts):
    return Program(
        name=name, command=[sys.executable, "-c", script], environment=dict(os.environ), **facts
    )


def turn_until(supervisor, holds, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        supervisor.turn()


def lives(process_id):
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        os.sched_yield()


def test_what_a_program_says_is_shown_with_its_name_and_kept_whole(supervisor, tmp_path, capsys):
    code = supervisor.run_once(a_program("print('hello'); print('{\"level\":\"info\"}')"))

    assert code == 0
    assert capsys.readouterr().out == "   thing | hello\n"
    assert (tmp_path / "logs" / "thing.log").read_text() == 'hello\n{"level":"info"}\n'


def test_what_falls_over_is_started_again(supervisor):
    first = supervisor.start(a_program("import time; time.sleep(60)")).process.pid

    os.kill(first, signal.SIGKILL)
    running = supervisor.programs["thing"]
    turn_until(supervisor, lambda: running.process and running.process.pid != first)

    assert running.falls == 1
    assert running.process.poll() is None


def test_what_keeps_falling_over_waits_longer_each_time(supervisor, capsys):
    running = supervisor.start(a_program("raise SystemExit(3)"))

    turn_until(supervisor, lambda: running.falls == 3)

    said = re.findall(r"starting it again in ([0-9.]+) s", capsys.readouterr().out)
    first, second, third = map(float, said)
    assert third > second > first


def test_a_program_without_a_sign_of_life_is_started_again_even_when_frozen(supervisor):
    frozen = {"is": False}
    running = supervisor.start(
        a_program("import time; time.sleep(60)", is_well=lambda _: not frozen["is"])
    )
    first = running.process.pid
    os.kill(first, signal.SIGSTOP)

    frozen["is"] = True
    turn_until(supervisor, lambda: running.process is None)
    frozen["is"] = False
    turn_until(supervisor, lambda: running.process is not None)

    assert running.process.pid != first


def test_children_of_a_fallen_program_do_not_outlive_it(supervisor):
    running = supervisor.start(a_program(FAMILY))
    turn_until(supervisor, lambda: running.last_words)
    child = int(running.last_words[0].split()[1])

    os.kill(running.process.pid, signal.SIGKILL)
    turn_until(supervisor, lambda: running.process is None)

    wait_until(lambda: not lives(child))


def test_a_program_that_ends_before_it_is_ready_is_quoted(supervisor, capsys):
    supervisor.start(a_program("raise SystemExit('no such thing')", is_ready=lambda: False))

    with pytest.raises(CannotStart, match="thing ended before it was ready"):
        supervisor.wait_until_ready("thing")

    assert "thing: no such thing" in capsys.readouterr().err


def test_a_program_that_does_not_listen_is_killed_in_the_end(supervisor):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)\n"
    running = supervisor.start(a_program(deaf + "time.sleep(60)", stop_seconds=0.3))
    turn_until(supervisor, lambda: running.last_words)
    process_id = running.process.pid

    supervisor.stop()

    assert not lives(process_id)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("killed_too", ["nobody", "the reaper"])
def test_killing_the_supervisor_leaves_no_process(tmp_path, killed_too):
    """The leash and the reaper each do it alone; the reaper also ends grandchildren."""
    script = f"""
import os, sys
from pathlib import Path
from core.local.processes import Program, Supervisor
supervisor = Supervisor(logs=Path({str(tmp_path)!r}), is_quiet=False)
supervisor.remove_at_end(Path({str(tmp_path)!r}) / "temporary")
running = supervisor.start(Program("thing", [sys.executable, "-c", {FAMILY!r}], os.environ))
print("reaper", supervisor._reaper.pid, flush=True)
while True:
    supervisor.turn()
"""
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    reaper = int(process.stdout.readline().split()[1])
    child = int(process.stdout.readline().split()[-1])
    parent = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    assert lives(child)
    assert lives(parent)

    if killed_too == "the reaper":
        os.kill(reaper, signal.SIGKILL)
    process.kill()
    process.wait()

    wait_until(lambda: not lives(parent))
    wait_until(lambda: not lives(reaper))
    if killed_too == "nobody":
        wait_until(lambda: not lives(child))
        assert not (tmp_path / "temporary").exists()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.stdout.close()
