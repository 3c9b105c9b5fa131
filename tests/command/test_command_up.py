"""`manage.py up` on the real servers: first start, second start, and every way to be cut short."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from core.local import postgres
from core.local.bootstrap import ROOT
from core.local.postgres import Cluster
from core.local.processes import Supervisor
from core.local.refusals import CannotStart
from core.local.valkey import Store
from tests.support.stack import PATIENCE_SECONDS, Stack

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]
IS_ROOT = os.geteuid() == 0
ORDINARY = 1000
# An ordinary user, lent the right to read wherever this environment happens to lie.
AS_ORDINARY = (
    *("setpriv", "--reuid", str(ORDINARY), "--regid", str(ORDINARY), "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
    *("--securebits", "+no_setuid_fixup"),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """One market under a folder that only its owner may enter, started as whoever runs this."""
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    stack = Stack(home, DEMONSTRATION="no")
    yield stack
    stack.stop()
    assert stack.left_behind() == []


@pytest.fixture
def stack(built):
    if built.process is None or built.process.poll() is not None:
        built.start()
        built.wait_until_ready()
    return built


def test_every_page_it_names_answers(stack):
    named = ("/", "/api/docs/", "/admin/", "/healthz", "/readyz")

    assert {page: stack.status_of(page) for page in named} == dict.fromkeys(named, 200)


def test_nothing_secret_is_an_argument_or_readable_by_others(stack):
    secrets = [file.read_text() for file in (stack.folder / "secrets").iterdir()]

    processes = "".join(stack.left_behind())

    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in processes]
    assert (stack.folder.stat().st_mode & 0o077) == 0


def test_a_second_start_keeps_the_data(stack):
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept_over_a_restart (what text)")
        connection.execute("INSERT INTO kept_over_a_restart VALUES ('oranges')")
    password = (stack.folder / "secrets" / "ADMIN_PASSWORD").read_text()

    assert stack.stop() == 0
    stack.start()
    stack.wait_until_ready()

    with psycopg.connect(stack.database_url) as connection:
        kept = connection.execute("SELECT what FROM kept_over_a_restart").fetchall()
    assert ("oranges",) in kept
    assert (stack.folder / "secrets" / "ADMIN_PASSWORD").read_text() == password


def test_stopping_leaves_no_process_and_no_socket(stack):
    assert stack.stop() == 0

    assert stack.left_behind() == []
    assert not (stack.folder / "run").exists()


def test_killing_the_supervisor_leaves_no_process(stack):
    stack.kill_supervisor()

    stack.wait_until(lambda: not stack.left_behind(), 20)


def test_a_killed_run_can_be_repeated_at_once(stack):
    stack.kill_supervisor()

    stack.start()
    stack.wait_until_ready()

    assert stack.status_of("/readyz") == 200


@pytest.mark.parametrize("name", ["web", "worker", "beat", "valkey", "postgres"])
def test_what_is_killed_comes_back(stack, name):
    killed = stack.kill(name)

    stack.wait_until(lambda: stack.facts["processes"].get(name, killed) != killed)

    stack.wait_until(lambda: stack.status_of("/readyz") == 200)


def test_a_folder_in_use_is_said(stack):
    ran = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT, env=dict(stack.environment), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert "is in use by another run" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_taken_port_is_said_and_leaves_nothing_running(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        stack = Stack(tmp_path, port=other.getsockname()[1])
        stack.start()
        stack.process.wait(timeout=60)

    assert stack.process.returncode == 1
    assert stack.said().count("\n") == 1
    assert "is taken by another program" in stack.said()
    assert stack.left_behind() == []


def test_commands_in_another_terminal_reach_the_running_market(stack):
    ran = stack.manage("shell", "-c", "from django.db import connection as c; c.cursor(); print(1)")

    assert (ran.stdout.splitlines()[-1:], ran.returncode) == (["1"], 0)


def test_a_first_start_that_is_cut_short_again_and_again_is_simply_repeated(tmp_path):
    stack = Stack(tmp_path)

    for point in ("Starting PostgreSQL", "up to date", "Loading regions", "the demonstration"):
        stack.start()
        try:
            stack.wait_until(lambda seen=point: seen in stack.said(), PATIENCE_SECONDS)
        finally:
            stack.kill_supervisor()

    with stack:
        assert stack.status_of("/readyz") == 200
    assert stack.left_behind() == []


@pytest.mark.skipif(not IS_ROOT, reason="everybody else is an ordinary user already")
def test_an_ordinary_user_has_a_market_too(tmp_path):
    os.chown(tmp_path, ORDINARY, ORDINARY)
    for folder in tmp_path.parents:
        if folder != Path(folder.anchor) and folder.stat().st_uid == 0:
            folder.chmod(folder.stat().st_mode | 0o011)

    with Stack(tmp_path, prefix=AS_ORDINARY, HOME=str(tmp_path), DEMONSTRATION="no") as stack:
        assert stack.status_of("/readyz") == 200
        owner = Path(f"/proc/{stack.process_id('postgres')}").stat().st_uid

    assert owner == ORDINARY
    assert stack.left_behind() == []


@pytest.mark.skipif(not IS_ROOT, reason="only root has to become somebody else")
def test_root_runs_the_database_from_binaries_in_a_home_that_only_root_enters(
    tmp_path, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server = postgres.binary("postgres").parents[1]
    package, libraries = server.parent, server.parent.with_suffix(".libs")
    shutil.copytree(server, home / package.name / server.name)
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name)
    copied = home / package.name / server.name / "bin"
    monkeypatch.setattr(postgres, "binary", copied.joinpath)
    supervisor = Supervisor(logs=home / "logs", is_quiet=True)
    cluster = Cluster(home / "data", home, is_durable=False)

    try:
        cluster.make_if_missing(supervisor)
        supervisor.start(cluster.program())
        supervisor.wait_until_ready("postgres")
        cluster.make_database()
        with psycopg.connect(cluster.url) as connection:
            version = connection.execute("SHOW server_version").fetchone()
    finally:
        supervisor.stop()
        supervisor.close()

    assert version[0].startswith(postgres.MAJOR)
    assert (home / "data").stat().st_uid == postgres.NOBODY


@pytest.fixture
def supervisor(tmp_path):
    made = Supervisor(logs=tmp_path / "logs", is_quiet=True)
    yield made
    made.kill()
    made.close()


def test_data_of_another_major_version_is_named(tmp_path, supervisor):
    cluster = Cluster(tmp_path / "data", tmp_path)
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(CannotStart, match="made by PostgreSQL 16 and this is 18"):
        cluster.make_if_missing(supervisor)


def test_a_stale_claim_of_a_reused_process_id_does_not_keep_the_database_shut(tmp_path, supervisor):
    cluster = Cluster(tmp_path / "data", tmp_path)
    cluster.make_if_missing(supervisor)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.make_if_missing(supervisor)
    supervisor.start(cluster.program())
    supervisor.wait_until_ready("postgres")

    assert int((cluster.data / "postmaster.pid").read_text().split()[0]) != os.getpid()


def test_a_queue_that_cannot_be_read_any_more_is_set_aside(tmp_path, supervisor, capsys):
    store = Store(tmp_path / "valkey", tmp_path)
    store.start(supervisor)
    supervisor.stop()
    (manifest,) = (tmp_path / "valkey" / "appendonlydir").glob("*.manifest")
    manifest.write_text("not a manifest\n")

    store.start(supervisor)

    with redis.Redis(unix_socket_path=str(store.socket)) as client:
        assert client.ping()
    assert (tmp_path / "valkey.unreadable").is_dir()
    assert "starting with an empty one" in capsys.readouterr().out


def test_a_queue_keeps_what_it_was_given_over_a_restart(tmp_path, supervisor):
    store = Store(tmp_path / "valkey", tmp_path)
    store.start(supervisor)
    with redis.Redis(unix_socket_path=str(store.socket)) as client:
        client.rpush("orders", "one")
    supervisor.stop()

    store.start(supervisor)

    with redis.Redis(unix_socket_path=str(store.socket)) as client:
        assert client.lrange("orders", 0, -1) == [b"one"]
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
