"""The bill of materials names what the lock names; what was not looked up was not audited."""

import json
import re
import subprocess
import sys

import pytest

from core.local import auditing, bootstrap, materials
from core.local.bootstrap import ROOT
from core.local.refusals import CannotStart

LOCK = ROOT / materials.LOCK


def package(name="django", *weaknesses, **more):
    return {"name": name, "version": "5.2.1", "vulns": list(weaknesses), **more}


def test_the_bill_names_every_package_of_the_lock_with_its_digests():
    pins = re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK.read_text(), re.MULTILINE)

    facts = materials.bill(LOCK)

    assert [(one["name"], one["version"]) for one in facts["components"]] == pins
    assert len(pins) > 30
    digests = re.findall(r"sha256:([0-9a-f]{64})", LOCK.read_text())
    written = re.findall(r'"content": "([0-9a-f]{64})"', json.dumps(facts))
    assert written == digests


def test_a_package_for_some_machines_alone_says_for_which(tmp_path):
    lock = tmp_path / "lock.txt"
    digest = "a" * 64
    lock.write_text(f"colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:{digest}\n")

    (component,) = materials.bill(lock)["components"]

    assert component["purl"] == "pkg:pypi/colorama@0.4.6"
    assert component["properties"] == [
        {"name": "python:marker", "value": "sys_platform == 'win32'"}
    ]


def test_the_same_lock_always_gives_the_same_bill(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second" / "bill.json"
    for target in (first, second):
        subprocess.run(
            [sys.executable, "-S", "-m", "core.local.materials", target], cwd=ROOT, check=True
        )

    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_text())["specVersion"] == "1.6"


def test_a_known_weakness_is_named_and_fails(capsys):
    weak = {"id": "PYSEC-2026-1", "fix_versions": ["5.2.2"]}

    assert auditing.judge({"dependencies": [package(), package("celery", weak)]}) == auditing.FOUND

    said = capsys.readouterr().out
    assert "celery 5.2.1: PYSEC-2026-1, fixed in 5.2.2" in said
    assert "2 packages audited, 1 with known weaknesses" in said


def test_what_could_not_be_looked_up_is_not_called_sound(capsys):
    skipped = {"name": "amqp", "skip_reason": "not found"}

    assert auditing.judge({"dependencies": [package(), skipped]}) == auditing.UNKNOWN
    assert "NOT AUDITED: 1 packages, among them amqp" in capsys.readouterr().out
    assert auditing.judge({"dependencies": [package()]}) == 0


def test_without_the_network_the_audit_says_so_and_the_bill_is_written(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setattr(bootstrap, "tools", lambda lock: tool)

    assert auditing.audit([]) == auditing.UNKNOWN

    assert "NOT AUDITED: the database could not be asked. no route to host" in (
        capsys.readouterr().out
    )
    assert json.loads((tmp_path / "sbom.json").read_text())["components"]
    with pytest.raises(CannotStart):
        auditing.audit(["--strange"])


def test_tools_stand_in_an_environment_of_their_own(tmp_path, monkeypatch):
    (tmp_path / "requirements-fuzz.txt").write_text("# nothing\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setattr(bootstrap, "_install", lambda *_: None)
    monkeypatch.setattr(
        bootstrap, "_make_venv", lambda folder: (folder / "bin").mkdir(parents=True)
    )

    python = bootstrap.tools("requirements-fuzz.txt")

    assert python.parts[-3].startswith("requirements-fuzz-py3")
    assert bootstrap.tools("requirements-fuzz.txt") == python


@pytest.mark.parametrize("name", ["fuzz", "audit"])
def test_tools_are_locked_with_hashes_and_are_no_part_of_the_market(name):
    lock = (ROOT / f"requirements-{name}.txt").read_text()
    asked = (ROOT / f"requirements-{name}.in").read_text().split()[-1]

    assert f"{asked}==" in lock
    assert lock.count("==") - lock.count("== '") <= lock.count("--hash=sha256:")
    for market in ("requirements.txt", "requirements-production.txt", "requirements-dev.txt"):
        assert f"\n{asked}==" not in (ROOT / market).read_text()
