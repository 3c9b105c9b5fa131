"""The house as files and syntax trees, for the tests that watch over its shape."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "shops", "marketplace", "logistics", "orders")


@cache
def sources() -> dict[str, ast.Module]:
    """Every source file of the house with its tree, migrations left out."""
    return {
        str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8"))
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in file.parts
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def chain(node: ast.AST) -> list[str]:
    """The names along `a.b(...).c`: ["c", "b", "a"]."""
    names = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            return [*names, node.id]
        else:
            return names


@cache
def import_everything() -> None:
    """Load every module, so that every class of the house exists."""
    for package in PACKAGES:
        for module in walk_packages([str(ROOT / package)], f"{package}."):
            if ".migrations" not in module.name and not module.name.endswith("wsgi"):
                import_module(module.name)


def is_ours(kind: type) -> bool:
    return kind.__module__.split(".")[0] in PACKAGES
