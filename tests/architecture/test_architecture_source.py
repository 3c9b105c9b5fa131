"""What reviewers would otherwise have to look for in every change (style.md sections 2 and 10)."""

import ast

import pytest

from tests.support import house

# Whoever reads the clock: interfaces, tasks, commands, the roof, the machinery of this machine.
# It gives a few rows the ids by which the examples of the API document know them.
DEMONSTRATION = "marketplace/config/demonstration.py"
CLOCK_PLACES = (
    "/api/",
    "/management/",
    "marketplace/config/",
    "core/local/",
    "core/http/",
    "core/console/",
)
CLOCK_FILES = ("tasks.py", "admin.py", "console.py")
# The wrapper that every consumer's task runs in.
CLOCK_ALSO = frozenset({"core/outbox/consuming.py"})

WRITES = frozenset(
    {
        "save",
        "create",
        "update",
        "delete",
        "bulk_create",
        "bulk_update",
        "get_or_create",
        "update_or_create",
    }
)
QUERYING = frozenset({"objects", "filter", "exclude", "select_for_update"})


def found(check):
    return [
        f"{name}:{node.lineno}"
        for name, tree in house.sources().items()
        for node in check(name, tree)
    ]


def functions(tree):
    return (
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    )


def test_no_function_imports():
    """An import inside a function is a cycle being hidden."""

    def inside(name, tree):
        for function in functions(tree):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    yield node

    assert found(inside) == []


def test_only_interfaces_read_the_clock():
    def readings(name, tree):
        if any(place in f"/{name}" for place in CLOCK_PLACES) or name in CLOCK_ALSO:
            return
        if name.endswith(CLOCK_FILES) or "/admin/" in name:
            return
        for call in house.calls(tree):
            if house.chain(call)[:2] in (
                ["now", "timezone"],
                ["now", "datetime"],
                ["today", "date"],
                ["utcnow", "datetime"],
            ):
                yield call

    assert found(readings) == []


def test_only_services_handlers_and_the_mechanisms_write():
    def writes(name, tree):
        if name.startswith("core/") or "/services" in name or name.endswith("handlers.py"):
            return
        if name == DEMONSTRATION:
            return
        for call in house.calls(tree):
            names = house.chain(call)
            if not isinstance(call.func, ast.Attribute) or names[0] not in WRITES:
                continue
            bare = names[0] in {"save", "delete"} and not call.args
            if QUERYING & set(names[1:]) or (bare and "super" not in names):
                yield call

    assert found(writes) == []


def test_nothing_calls_the_queue_by_itself():
    """A fact goes through the outbox; only its doorbell talks to Celery (style.md 10.10)."""

    def sendings(name, tree):
        if name.startswith("core/outbox/"):
            return
        for call in house.calls(tree):
            names = house.chain(call)
            if names[0] in {"delay", "apply_async", "send_task"}:
                yield call

    assert found(sendings) == []


def test_only_env_reads_the_environment():
    """Besides it only what runs before Django: the bootstrap and the supervisor."""

    def readings(name, tree):
        if name == "marketplace/config/env.py" or name.startswith("core/local/"):
            return
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"environ", "getenv"}
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
            ):
                yield node

    permitted = ("marketplace/config/celery.py", "marketplace/config/wsgi.py")
    assert [place for place in found(readings) if not place.startswith(permitted)] == []


def test_an_interface_never_imports_the_models_of_another_room():
    def strangers(name, tree):
        parts = name.split("/")
        if "api" not in parts or len(parts) < 3:
            return
        own = ".".join(parts[:2])
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                room = ".".join(node.module.split(".")[:2])
                if "models" in node.module.split(".") and room != own:
                    yield node

    assert found(strangers) == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "misc", "base"])
def test_no_file_is_named_after_nothing(word):
    named = [name for name in house.sources() if name.endswith(f"/{word}.py")]

    # Django looks for a database engine under this name.
    assert [name for name in named if name != "core/postgres/base.py"] == []


def test_no_money_is_a_float():
    """Neither `float` in a signature nor a `FloatField` or bare `Decimal` for an amount."""

    def floats(name, tree):
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for argument in [*function.args.args, *function.args.kwonlyargs]:
                    hint = ast.unparse(argument.annotation) if argument.annotation else ""
                    if argument.arg.endswith(("_fen", "_g", "_bp")) and (
                        "float" in hint or "Decimal" in hint
                    ):
                        yield argument

    assert found(floats) == []
