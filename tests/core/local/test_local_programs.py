import socket

import pytest
from django.conf import settings

from core.local import programs
from core.local.refusals import CannotStart


@pytest.fixture
def at(monkeypatch):
    def place(host="", port=""):
        monkeypatch.setenv("HOST", host)
        monkeypatch.setenv("PORT", port)

    return place


def test_port_zero_is_any_free_port(at):
    at(port="0")

    assert programs.chosen_address().port > 0


def test_a_taken_port_is_said_with_what_to_do(at):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        at(port=str(port))

        with pytest.raises(CannotStart, match=f"port {port} on 127.0.0.1 is taken.*PORT="):
            programs.chosen_address()


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "８０００"])
def test_a_port_that_is_none_is_named(at, port):
    at(port=port)

    with pytest.raises(CannotStart, match="must be a number"):
        programs.chosen_address()


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_named(at, host):
    at(host=host, port="0")

    with pytest.raises(CannotStart, match="is not an address of this machine"):
        programs.chosen_address()


def test_a_sandbox_stays_at_home_unless_somebody_says_otherwise(capsys):
    public = programs.Address("0.0.0.0", 8000)

    with pytest.raises(CannotStart, match="SANDBOX_IS_PUBLIC=yes"):
        programs.require_private_sandbox(public, {"SANDBOX": "yes"})
    programs.require_private_sandbox(public, {"SANDBOX": "no"})
    assert capsys.readouterr().out == ""
    programs.require_private_sandbox(public, {"SANDBOX": "yes", "SANDBOX_IS_PUBLIC": "yes"})
    assert programs.RED in capsys.readouterr().out


def test_an_address_reads_as_a_browser_types_it():
    assert programs.Address("::1", 80).url == "http://[::1]:80"
    assert programs.Address("0.0.0.0", 80).url == "http://127.0.0.1:80"


def test_every_queue_has_a_consumer_in_a_local_run():
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}

    command = programs.worker({}, programs.Pulse("unix:///nowhere")).command

    assert set(command[command.index("--queues") + 1].split(",")) == queues


@pytest.mark.parametrize(
    ("beat_age", "worker_age", "worker_is_well", "beat_is_well"),
    [
        (1, 1, True, True),
        (1, 61, False, True),
        # Without beat nobody asks the workers for a sign of life.
        (61, 61, True, False),
        (None, None, True, True),
    ],
)
def test_only_the_silent_one_is_started_again(
    monkeypatch, beat_age, worker_age, worker_is_well, beat_is_well
):
    pulse = programs.Pulse("unix:///nowhere")
    ages = {programs.BEAT: beat_age, programs.WORKER: worker_age}
    pulse._ages = {key: age for key, age in ages.items() if age is not None}
    monkeypatch.setattr(pulse, "_look", lambda: None)

    assert pulse.of_worker(61) is worker_is_well
    assert pulse.of_beat(61) is beat_is_well
    assert pulse.of_worker(59)
    assert pulse.of_beat(59)


def test_a_worker_is_ready_once_it_has_answered_in_this_run(monkeypatch):
    pulse = programs.Pulse("unix:///nowhere")
    ages = iter([None, 3_600.0, -0.5])
    monkeypatch.setattr(pulse, "_age_of", lambda _key: next(ages))

    answers = [pulse.worker_has_answered() for _ in range(3)]

    assert answers == [False, False, True]
