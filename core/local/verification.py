"""`manage.py verify`: everything that must hold before a change lands, step by step."""

import argparse
import difflib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.local import bootstrap, temporary, testing
from core.local.bootstrap import ROOT
from core.local.folder import fresh_secrets

API_DOCUMENT = ROOT / "docs" / "openapi.yaml"
# Console scripts carry the absolute path of the folder they were installed in; modules do not.
CONTRACTS = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must hold, and how to find out."""

    sentence: str
    check: Callable[[Mapping[str, str]], bool]
    # Whether it starts whole processes, which `--quick` leaves out.
    is_long: bool = False


def verify(options: Sequence[str]) -> int:
    """Check everything, say each result, and return 1 if anything does not hold."""
    asked = argparse.ArgumentParser(prog="manage.py verify", description=verify.__doc__)
    asked.add_argument("--quick", action="store_true", help="leave out what starts whole processes")
    quick = asked.parse_args(options).quick
    began = time.monotonic()
    results: dict[str, bool] = {}
    with temporary.servers() as environment:
        for step in STEPS:
            if quick and step.is_long:
                continue
            print(f"\n== {step.sentence}", flush=True)
            step_began = time.monotonic()
            results[step.sentence] = step.check(
                {**environment, "PYTEST_ADDOPTS": "-m 'not slow'"} if quick else environment
            )
            word = "holds" if results[step.sentence] else "DOES NOT HOLD"
            print(f"== {word} ({time.monotonic() - step_began:.0f} s)", flush=True)
    print(f"\n{sum(results.values())} of {len(results)} hold ({time.monotonic() - began:.0f} s)")
    for sentence, holds in results.items():
        print(f"  {'ok    ' if holds else 'BROKEN'} {sentence}")
    return 0 if all(results.values()) else 1


def _module(*command: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda environment: temporary.run(*command, environment=environment) == 0


def _contracts(environment: Mapping[str, str]) -> bool:
    return _python("-c", CONTRACTS, "--no-cache", environment=environment).returncode == 0


def _production_is_safe(environment: Mapping[str, str]) -> bool:
    production = {
        "PRODUCTION": "yes",
        "SANDBOX": "no",
        "DEBUG": "no",
        "BEHIND_TLS": "yes",
        "ALLOWED_HOSTS": "market.example",
    }
    checked = _python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        environment={**environment, **fresh_secrets(), **production},
    )
    return checked.returncode == 0


def _api_document_is_current(environment: Mapping[str, str]) -> bool:
    made = _python(
        "manage.py", "spectacular", "--validate", "--fail-on-warn",
        environment=environment, is_captured=True,
    )  # fmt: skip
    if made.returncode:
        print(made.stderr)
        return False
    committed = API_DOCUMENT.read_text(encoding="utf-8") if API_DOCUMENT.exists() else ""
    difference = list(
        difflib.unified_diff(
            committed.splitlines(), made.stdout.splitlines(), "committed", "generated", lineterm=""
        )
    )
    print("\n".join(difference[:40]))
    return not difference


def _tests(environment: Mapping[str, str]) -> bool:
    if "PYTEST_ADDOPTS" in environment:
        return temporary.run("pytest", environment=environment) == 0
    return testing.everything(os.environ) == 0


def _fuzz(environment: Mapping[str, str]) -> bool:
    # Installed beside the other environments; the folder of this run is a temporary one.
    python = str(bootstrap.tools("requirements-fuzz.txt"))
    options = ("--small", "--python", python)
    return temporary.run("tests.fuzz", *options, environment=environment) == 0


def _python(
    *arguments: str, environment: Mapping[str, str], is_captured: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=Path(ROOT),
        env=dict(environment),
        capture_output=is_captured,
        text=True,
        check=False,
    )


STEPS = (
    Step("Code is formatted", _module("ruff", "format", "--check", ".")),
    Step("Code follows the house's rules", _module("ruff", "check", ".")),
    Step("Types fit", _module("mypy", ".")),
    Step("Imports point down", _contracts),
    Step(
        "Migrations say what the models say",
        _module("manage.py", "makemigrations", "--check", "--dry-run"),
    ),
    Step("Production settings are safe", _production_is_safe),
    Step("The committed API document is the generated one", _api_document_is_current),
    Step("Every test passes", _tests),
    Step("Nothing that strangers send is a fault", _fuzz, is_long=True),
)
