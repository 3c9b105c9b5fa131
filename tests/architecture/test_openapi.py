"""The OpenAPI document is true: generated without a warning, valid, and the one that is committed.

Make it anew with `python manage.py spectacular --file docs/openapi.yaml`.
"""

from functools import cache
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.views import APIView

from core.http.schema import Operation

COMMITTED = Path(settings.ROOT) / "docs" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
HINT = "python manage.py spectacular --file docs/openapi.yaml"


@cache
def generated():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def views(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from views(entry)
        else:
            view = getattr(entry.callback, "view_class", None)
            if view is not None and issubclass(view, APIView):
                yield view


def operations():
    return [
        (path, method, said)
        for path, methods in generated()["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    ]


def test_no_warning():
    generated()

    warnings = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert warnings == []


def test_the_document_is_valid_openapi_3_1():
    validate_schema(generated())

    assert generated()["openapi"].startswith("3.1")


def test_the_committed_document_is_the_generated_one():
    assert COMMITTED.is_file(), HINT
    said = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))

    now = yaml.safe_load(OpenApiYamlRenderer().render(generated(), renderer_context={}))

    differing = {
        path
        for path in said["paths"].keys() | now["paths"].keys()
        if said["paths"].get(path) != now["paths"].get(path)
    }
    assert differing == set(), HINT
    assert said == now, HINT


@pytest.mark.parametrize(
    "view",
    sorted(
        {view for view in views() if not view.__module__.startswith("drf_spectacular")}, key=str
    ),
    ids=lambda view: f"{view.__module__}.{view.__name__}",
)
def test_every_method_declares_what_it_takes_and_answers(view):
    silent = [
        method
        for method in METHODS
        if hasattr(view, method)
        and not isinstance(getattr(getattr(view, method), "operation", None), Operation)
    ]

    assert silent == []


def test_every_operation_has_a_name_and_a_sentence_of_its_own():
    names = [said["operationId"] for _, _, said in operations()]

    assert len(names) == len(set(names))
    assert [path for path, _, said in operations() if not said.get("summary")] == []


def test_every_refusal_is_a_problem():
    wrong = [
        (path, method, status)
        for path, method, said in operations()
        for status, answer in said["responses"].items()
        if (status == "default" or status >= "400")
        and set(answer.get("content", {})) != {"application/problem+json"}
    ]

    assert wrong == []


def test_whoever_must_sign_in_is_told_so():
    for path, method, said in operations():
        assert ("401" in said["responses"]) >= bool(said.get("security")), (path, method)


def with_examples(node, path=""):
    if isinstance(node, dict):
        if "examples" in node and isinstance(node["examples"], list):
            yield path, node
        for name, inner in node.items():
            yield from with_examples(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for inner in node:
            yield from with_examples(inner, path)


def test_every_example_is_right():
    document = generated()
    found = list(with_examples(document))
    registry = {"components": document["components"]}

    wrong = [
        (path, example)
        for path, schema in found
        for example in schema["examples"]
        if not Draft202012Validator({**schema, **registry}).is_valid(example)
    ]

    assert len(found) > 30
    assert wrong == []
