"""The diagrams say what the tables say, and walks have tried it."""

import ast
import re

from django.conf import settings

from marketplace.config.management.commands import draw_states
from tests.support import house


def test_the_diagrams_are_drawn_from_the_tables():
    committed = (settings.ROOT / "docs" / "states.md").read_text(encoding="utf-8")

    assert committed == draw_states.page(), "python manage.py draw_states"


def test_every_life_is_drawn():
    subjects = {name for name, _ in draw_states.machines()}

    assert {"order", "shop_order", "parcel", "payment", "refund"} <= subjects
    assert len(subjects) >= 10


def test_every_life_is_walked():
    declared = {
        node.targets[0].id
        for tree in house.sources().values()
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and house.chain(node.value) == ["Machine"]
    }
    walks = (house.ROOT / "tests" / "properties").glob("test_*.py")
    walked = set(re.findall(r"\b[A-Z_]+\b", "\n".join(walk.read_text("utf-8") for walk in walks)))

    assert len(declared) == len(list(draw_states.machines()))
    assert declared - walked == set()
