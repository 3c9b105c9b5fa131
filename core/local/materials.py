"""A bill of materials (CycloneDX 1.6) out of a lock file: `python -m` this module FILE.

Standard library only and without the network: the lock names every package with its version, the
Python it is for and the digests of its files, and the same lock always gives the same bill.
"""

import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.local.bootstrap import ROOT

LOCK = "requirements-production.txt"
PROJECT = "farm-produce-marketplace"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VERSION = re.compile(r'^version = "([^"]+)"', re.MULTILINE)


def main() -> None:
    """Write the bill of what a production image holds."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(ROOT / LOCK), indent=1) + "\n", encoding="utf-8")


def bill(lock: Path) -> dict[str, Any]:
    """Return the bill of materials of a lock file."""
    text = lock.read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = _VERSION.search(project)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PROJECT,
                "name": PROJECT,
                "version": version[1] if version else "0",
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": list(_components(text)),
    }


def _components(text: str) -> Iterator[dict[str, Any]]:
    name = version = marker = ""
    digests: list[str] = []
    for line in [*text.splitlines(), "end==0"]:
        pin = _PIN.match(line)
        if pin is None:
            digests += _DIGEST.findall(line)
            continue
        if name:
            yield _component(name, version, marker, digests)
        name, version, marker, digests = pin[1].lower(), pin[2], pin[3] or "", []


def _component(name: str, version: str, marker: str, digests: list[str]) -> dict[str, Any]:
    package = f"pkg:pypi/{name.replace('_', '-')}@{version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": package,
        "name": name,
        "version": version,
        "purl": package,
        # One package is several files, one for each platform.
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{name}/{version}/",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in digests],
            }
        ],
    }
    if marker:
        found["properties"] = [{"name": "python:marker", "value": marker}]
    return found


if __name__ == "__main__":
    main()
