"""`manage.py audit`: what we stand on, and whether a weakness of any of it is known."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from core.local import bootstrap, materials
from core.local.bootstrap import ROOT, local_dir
from core.local.refusals import CannotStart

TOOL = "requirements-audit.txt"
# The list for development holds everything that runs; the tools stand apart.
LOCKS = ("requirements-dev.txt", "requirements-fuzz.txt", TOOL)
FOUND, UNKNOWN = 1, 2


def audit(options: Sequence[str]) -> int:
    """Write the bill of materials and ask for known weaknesses.

    Returns 0 where none is known, 1 where one is, 2 where the database could not be asked.

    Raises:
        CannotStart: the tool cannot be installed here.
    """
    if options:
        raise CannotStart(f"audit knows no option {options[0]!r}.")
    bill = local_dir() / "sbom.json"
    bootstrap.make_folder(bill.parent)
    facts = materials.bill(ROOT / materials.LOCK)
    bill.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"Bill of materials: {len(facts['components'])} packages in {bill}", flush=True)
    python = bootstrap.tools(TOOL)
    asked = subprocess.run(  # noqa: S603
        [
            *(str(python), "-m", "pip_audit", "--disable-pip", "--require-hashes"),
            *("--progress-spinner", "off", "--timeout", "20", "--format", "json"),
            *(word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(asked.stdout)
    except ValueError:
        last = asked.stderr.strip().splitlines()[-1:]
        print(f"NOT AUDITED: the database could not be asked. {' '.join(last)}")
        return UNKNOWN
    return judge(report)


def judge(report: Mapping[str, Any]) -> int:
    """Say what the tool has found; what it could not look up was not audited."""
    packages = report["dependencies"]
    skipped = [package for package in packages if "skip_reason" in package]
    weak = [package for package in packages if package.get("vulns")]
    for package in weak:
        for weakness in package["vulns"]:
            fixed = ", ".join(weakness.get("fix_versions", [])) or "no version yet"
            print(f"  {package['name']} {package['version']}: {weakness['id']}, fixed in {fixed}")
    print(f"{len(packages) - len(skipped)} packages audited, {len(weak)} with known weaknesses")
    if skipped:
        print(
            f"NOT AUDITED: {len(skipped)} packages, among them {skipped[0]['name']}; the database "
            "of weaknesses at pypi.org cannot be reached from here, repeat with the network."
        )
    return FOUND if weak else UNKNOWN if skipped else 0
