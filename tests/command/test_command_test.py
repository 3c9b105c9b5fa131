"""`manage.py test`: servers of its own, gone afterwards, unless the environment names some."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from core.local import temporary
from core.local.bootstrap import ROOT
from tests.support.stack import BORROWED

pytestmark = pytest.mark.timeout(240)
LEFT = Path(tempfile.gettempdir())


def market_folders():
    return {folder for folder in LEFT.glob("market-*") if (folder / "postgres").exists()}


@pytest.mark.slow
def test_servers_of_one_command_are_gone_afterwards(monkeypatch):
    for name in BORROWED:
        monkeypatch.delenv(name, raising=False)

    with temporary.servers() as environment:
        folder = Path(environment["LOCAL_DIR"])
        with psycopg.connect(environment["DATABASE_URL"]) as connection:
            is_durable = connection.execute("SHOW fsync").fetchone()
        assert folder in market_folders()

    assert is_durable == ("off",)
    assert not folder.exists()
    assert environment["SECRET_KEY"]


def test_servers_that_are_named_are_used(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere/0")

    with temporary.servers() as environment:
        used = (environment["DATABASE_URL"], environment["REDIS_URL"])

    assert used == ("postgresql://somewhere/else", "redis://somewhere/0")


@pytest.mark.slow
@pytest.mark.parametrize(("body", "code"), [("assert 1", 0), ("assert 0", 1)])
def test_the_exit_code_is_that_of_the_tests(tmp_path, body, code):
    (tmp_path / "test_one.py").write_text(f"def test_one():\n    {body}\n")

    ran = subprocess.run(
        [sys.executable, "manage.py", "test", "--override-ini", "addopts=", str(tmp_path)],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == code, ran.stdout + ran.stderr
