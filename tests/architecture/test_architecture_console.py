"""Every page of the console reads through a selector and writes through services."""

import ast

import pytest
from django.contrib import admin

from core.accounts.domain.roles import Role
from core.console.pages import ReadPage
from tests.support import house

PAGES = sorted(admin.site._registry.values(), key=lambda page: page.opts.label)
NAMES = [page.opts.label for page in PAGES]
WRITES = frozenset(
    {
        *("save", "create", "update", "delete", "bulk_create", "bulk_update"),
        *("get_or_create", "update_or_create", "execute"),
    }
)
QUERIES = frozenset({"objects", "raw", "cursor"})


def consoles():
    return {
        name: tree
        for name, tree in house.sources().items()
        if name.endswith("/admin.py") or "/admin/" in name
    }


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_is_one_that_only_reads(page):
    kind = type(page)

    assert isinstance(page, ReadPage)
    assert kind.rows.__module__.endswith("selectors.console") or kind.rows.__module__.startswith(
        "core.console."
    )
    assert set(page.roles) <= set(Role)
    assert page.roles, "nobody but superusers could open it"
    for name in ("save_model", "delete_model", "save_related", "save_form", "delete_queryset"):
        assert getattr(kind, name) in {
            getattr(base, name) for base in ReadPage.__mro__[:6] if hasattr(base, name)
        }


def test_pages_stand_in_an_order_of_their_own():
    places = [(page.group, page.place) for page in PAGES]

    assert len(places) == len(set(places))


def test_no_page_writes_past_its_services():
    found = []
    for name, tree in consoles().items():
        for call in house.calls(tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
                # A service may be called `create`: `sections.create`, wrapped by `entry`.
                found.append(f"{name}:{call.lineno}")

    assert found == []


def test_the_guardian_would_notice_a_write():
    tree = ast.parse("Shop.objects.filter(pk=1).update(state='OPEN')")

    assert any(call.func.attr in WRITES for call in house.calls(tree))


def test_pages_ask_selectors_and_not_tables():
    found = {
        name
        for name, tree in consoles().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in QUERIES
    }

    assert found == set()
