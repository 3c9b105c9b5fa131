"""Every operation, every kind of caller: requests made from the document, answers held against it.

Runs in the environment of `requirements-fuzz.txt`, which has Schemathesis and nothing of ours:
`python drive.py --document FILE --plan FILE --url URL --cases N --seed N`.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded

# Beside this file: nothing else of ours is there.
from listing import shown
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET, NotSet
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

# Any address may answer with these; the document has them under `default`.
OF_THE_INTERFACE = frozenset({405, 406, 411, 413, 415})
CHECKS = (
    not_a_server_error,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
# A smallest picture that is one: a WebP of one pixel.
PICTURE = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")
SLOW_S = 10.0
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How often a made request keeps the good value instead of what was made.
KEEPS_PATH, KEEPS_MEMBER = 0.75, 0.6
# What uses up the session that it is called with.
ENDS_SESSION = "DELETE /api/v1/auth/sessions/current"

Step = Mapping[str, Any]


class Driver:
    """One run against one market."""

    def __init__(self, options: argparse.Namespace) -> None:
        plan = json.loads(options.plan.read_text(encoding="utf-8"))
        self.steps: dict[str, Step] = plan["steps"]
        self.tokens: dict[str, list[str]] = plan["callers"]
        self.ids = _ids_of(self.steps.values())
        self.options = options
        self.chance = random.Random(options.seed)
        self.wire = requests.Session()
        document = yaml.safe_load(options.document.read_text(encoding="utf-8"))
        _close(document["components"]["schemas"])
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.config.base_url = options.url
        self.operations = [found.ok() for found in self.schema.get_all_operations()]
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.by_caller: dict[str, Counter[int]] = defaultdict(Counter)
        self.faults: dict[tuple[str, str, str], str] = {}
        self.slowest = (0.0, "")
        self.unsendable = 0

    def reach(self) -> None:
        """Send the one good request of every operation."""
        for operation in self.operations:
            step = self.steps.get(operation.label)
            if step is None:
                self._fault(operation.label, "plan", "no good request is written down", "")
                continue
            case = operation.Case(
                path_parameters=dict(step["path"]),
                query=dict(step["query"]),
                headers=dict(step["headers"]),
                body=_body_of(step),
                media_type=_media_type_of(operation, step),
            )
            answer = self._send(case, operation.label, step["who"], step["token"])
            if answer is not None and not 200 <= answer.status_code < 300:
                self._fault(operation.label, "reach", str(answer.status_code), answer.text[:400])

    def wander(self) -> None:
        """Send what is made from the document, as every kind of caller."""
        for operation in self.operations:
            for mode, share in ((GenerationMode.POSITIVE, 2), (GenerationMode.NEGATIVE, 1)):
                for case in self._made(operation, mode, max(1, self.options.cases * share // 3)):
                    self._as_everybody(operation.label, case, mode)

    def _made(self, operation: Any, mode: GenerationMode, count: int) -> list[Any]:
        made: list[Any] = []

        @seeded(self.options.seed)
        @settings(
            max_examples=count, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case: Any) -> None:
            made.append(case)

        try:
            collect()
        except Exception as wrong:  # noqa: BLE001
            # Nothing about this operation can be wrong in this way.
            if "negative" not in str(wrong).lower() and mode is GenerationMode.POSITIVE:
                self._fault(operation.label, "made", type(wrong).__name__, str(wrong)[:300])
        return made[:count]

    def _as_everybody(self, label: str, case: Any, mode: GenerationMode) -> None:
        step = self.steps.get(label, {"path": {}, "body": None, "who": "", "token": ""})
        case.path_parameters = self._path(case.path_parameters, step["path"])
        if mode is GenerationMode.POSITIVE:
            case.body = self._with_ids(self._blended(step["body"], case.body))
        for who in ("owner", *self.tokens):
            self._send(case, label, who, self._token(who, label, step))

    def _token(self, who: str, label: str, step: Step) -> str:
        if who == "owner":
            return str(step["token"])
        mine = self.tokens[who]
        if label == ENDS_SESSION and len(mine) > 1:
            return mine.pop()
        return mine[0] if mine else ""

    def _path(self, made: Any, good: Mapping[str, str]) -> dict[str, Any]:
        chosen = dict(made or {})
        for name, value in good.items():
            if self.chance.random() < KEEPS_PATH:
                chosen[name] = value
            elif self.chance.random() < 0.5 and self.ids[name]:
                chosen[name] = self.chance.choice(self.ids[name])
        return chosen

    def _blended(self, good: Any, made: Any) -> Any:
        """Return the good body with some members as they were made, or the made one whole."""
        if not isinstance(good, dict) or not isinstance(made, dict):
            return made
        if self.chance.random() < 0.3:
            return made
        blended = {
            name: value
            if self.chance.random() < KEEPS_MEMBER or name not in made
            else self._blended(value, made[name])
            for name, value in good.items()
        }
        more = {
            name: made[name] for name in made.keys() - good.keys() if self.chance.random() < 0.4
        }
        return blended | more

    def _with_ids(self, made: Any, name: str = "") -> Any:
        """Put real ids in the place of made ones."""
        if isinstance(made, dict):
            return {key: self._with_ids(value, key) for key, value in made.items()}
        if isinstance(made, list):
            return [self._with_ids(value, name) for value in made]
        if isinstance(made, str) and UUID.fullmatch(made) and self.chance.random() < 0.8:
            return self.chance.choice(self.ids[name] or self.ids["id"])
        return made

    def _send(self, case: Any, label: str, who: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began = time.monotonic()
        try:
            answer = case.call(session=self.wire, headers=headers, timeout=60)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            # What no client can put on the wire is nobody's request.
            self.unsendable += 1
            return None
        except requests.exceptions.RequestException as broken:
            self._fault(label, who, type(broken).__name__, case.as_curl_command())
            return None
        took = time.monotonic() - began
        self.slowest = max(self.slowest, (took, label))
        self.statuses[label][answer.status_code] += 1
        self.by_caller[who if who in self.tokens else "owner"][answer.status_code] += 1
        for kind, sentence in self._wrongs(case, answer, took):
            self._fault(label, kind, sentence, f"as {who}: {case.as_curl_command()}")
        return answer

    def _wrongs(self, case: Any, answer: Any, took: float) -> Iterator[tuple[str, str]]:
        status = answer.status_code
        if str(status) not in case.operation.definition.raw["responses"] and (
            status not in OF_THE_INTERFACE
        ):
            yield "undocumented status", f"{status} {answer.text[:200]}"
        if 200 <= status < 300 and _is_forbidden(case):
            yield "accepted what the document forbids", f"{status}"
        if took > SLOW_S:
            yield "slow", f"{took:.0f} s"
        try:
            case.validate_response(answer, checks=list(CHECKS))
        except FailureGroup as failed:
            for failure in failed.exceptions:
                yield type(failure).__name__, f"{status} {str(failure)[:300]}"
        except Failure as failure:
            yield type(failure).__name__, f"{status} {str(failure)[:300]}"

    def _fault(self, label: str, kind: str, sentence: str, example: str) -> None:
        self.faults.setdefault((label, kind, sentence[:60]), f"{sentence}\n      {example[:900]}")


def _body_of(step: Step) -> Any:
    if step["file"]:
        return {**step["body"], "file": PICTURE}
    if isinstance(step["body"], str):
        # Signed as it stands.
        return step["body"].encode()
    return NOT_SET if step["body"] is None else step["body"]


def _media_type_of(operation: Any, step: Step) -> str | None:
    if step["body"] is None:
        return None
    declared = [body.media_type for body in operation.body]
    return declared[0] if declared else "application/json"


def _is_forbidden(case: Any) -> bool:
    """Tell whether a JSON body was sent that was made to break the document."""
    if case.media_type != "application/json" or isinstance(case.body, NotSet) or not case.meta:
        return False
    modes = {place.value: facts.mode for place, facts in case.meta.components.items()}
    return modes.get("body") is GenerationMode.NEGATIVE


def _ids_of(steps: Any) -> dict[str, list[str]]:
    """Return the real ids of a plan by the names they go under; all of them under "id"."""
    found: dict[str, set[str]] = defaultdict(set)

    def walk(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, name)
        elif isinstance(value, str) and (UUID.fullmatch(value) or name == "slug"):
            found[name].add(value)
            found["id"].add(value)

    for step in steps:
        walk(step["path"], "")
        walk(step["body"], "")
    return defaultdict(list, {name: sorted(values) for name, values in found.items()})


def _close(schemas: dict[str, Any]) -> None:
    """Let no member through that the document does not name, refusals' facts excepted."""
    waiting: list[Any] = [schema for name, schema in schemas.items() if name != "Problem"]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, list):
            waiting += schema
        elif isinstance(schema, dict):
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
            waiting += schema.values()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--document", type=Path, required=True)
    asked.add_argument("--plan", type=Path, required=True)
    asked.add_argument("--url", required=True)
    asked.add_argument("--cases", type=int, default=6, help="made for each operation")
    asked.add_argument("--seed", type=int, default=1)
    driver = Driver(asked.parse_args())
    began = time.monotonic()
    driver.reach()
    driver.wander()
    print(shown(driver, time.monotonic() - began))
    for (label, kind, _), example in sorted(driver.faults.items()):
        print(f"FAULT {label}\n    {kind}: {example}")
    return 1 if driver.faults else 0


if __name__ == "__main__":
    sys.exit(main())
