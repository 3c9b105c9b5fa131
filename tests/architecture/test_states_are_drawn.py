"""The diagrams say what the tables say."""

from django.conf import settings

from marketplace.config.management.commands import draw_states


def test_the_diagrams_are_drawn_from_the_tables():
    committed = (settings.ROOT / "docs" / "states.md").read_text(encoding="utf-8")

    assert committed == draw_states.page(), "python manage.py draw_states"


def test_every_life_is_drawn():
    subjects = {name for name, _ in draw_states.machines()}

    assert {"order", "shop_order", "parcel", "payment", "refund"} <= subjects
    assert len(subjects) >= 10
