"""What import-linter cannot see: where rows point, and what the database is told to refuse."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from tests.support import house

# From the ground to the roof; rooms on one line know nothing of each other.
FLOORS = (
    ("core.audit", "core.ledger", "core.quotas", "core.outbox"),
    ("core.http",),
    ("core.regions",),
    ("core.accounts",),
    ("core.uploads",),
    ("shops.storefronts",),
    ("shops.catalogue",),
    ("marketplace.sections", "marketplace.abuse"),
    ("marketplace.coupons",),
    ("marketplace.reductions",),
    ("marketplace.activities",),
    ("marketplace.campaigns",),
    ("logistics.freight",),
    ("logistics.sandbox",),
    ("logistics.parcels",),
    ("orders.baskets",),
    ("orders.placement",),
    ("orders.sandbox",),
    ("orders.payments",),
    ("orders.groupbuys", "orders.presales"),
    ("orders.reports",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Coordinates are measured, not counted: nobody adds them up.
PLACES_ON_EARTH = frozenset({"latitude", "longitude"})

OURS = [model for model in apps.get_models(include_auto_created=True) if house.is_ours(model)]
NAMES = [model._meta.label for model in OURS]


def room_of(model):
    return ".".join(model.__module__.split(".")[:2])


def test_every_room_with_tables_has_a_floor():
    assert {room_of(model) for model in OURS} <= set(FLOOR_OF)


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_every_relation_points_down(model):
    upwards = []
    for field in model._meta.get_fields():
        if not isinstance(field, (models.ForeignKey, models.ManyToManyField)):
            continue
        target = field.related_model
        if target._meta.label == settings.AUTH_USER_MODEL or not house.is_ours(target):
            continue
        if room_of(target) != room_of(model) and (
            FLOOR_OF[room_of(target)] >= FLOOR_OF[room_of(model)]
        ):
            upwards.append(f"{field.name} -> {target._meta.label}")

    assert upwards == []


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_every_constraint_is_named_after_its_table(model):
    table = model._meta.db_table

    assert [
        constraint.name
        for constraint in model._meta.constraints
        if not constraint.name.startswith(f"{table}_")
    ] == []


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_no_model_hides_rules_or_orders_itself(model):
    """Rules belong to services and constraints (style.md section 4)."""
    own = {
        name
        for kind in model.__mro__
        if house.is_ours(kind)
        for name in ("save", "clean", "delete", "full_clean")
        if name in vars(kind)
    }

    assert own == set()
    assert list(model._meta.ordering) == []


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_no_field_decides_by_the_clock_or_by_float(model):
    bad = [
        field.name
        for field in model._meta.local_fields
        if getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or (
            isinstance(field, (models.FloatField, models.DecimalField))
            and field.name not in PLACES_ON_EARTH
        )
    ]

    assert bad == []


def test_what_the_glossary_says_never_happens_is_refused_by_name():
    """Every constraint that the glossary names exists, here or in hand-written SQL."""
    glossary = Path(settings.ROOT) / "docs" / "glossary.md"
    named = set(re.findall(r"`([a-z0-9]+_[a-z0-9_]+)`", glossary.read_text(encoding="utf-8")))
    known = {constraint.name for model in OURS for constraint in model._meta.constraints}
    written = "\n".join(
        file.read_text(encoding="utf-8")
        for package in house.PACKAGES
        for file in (house.ROOT / package).rglob("migrations/0*.py")
    )
    tables = tuple(f"{model._meta.db_table}_" for model in OURS)

    missing = {
        name
        for name in named
        if name.startswith(tables) and name not in known and name not in written
    }

    assert missing == set()


def test_every_never_in_the_glossary_names_what_refuses_it():
    glossary = (Path(settings.ROOT) / "docs" / "glossary.md").read_text(encoding="utf-8")

    unbacked = [
        paragraph[:80]
        for paragraph in glossary.split("\n\n")
        if paragraph.startswith("**")
        and re.search(r"\b(?:never|always)\b", paragraph, re.IGNORECASE)
        and not re.search(r"`[a-z0-9]+_[a-z0-9_]+`", paragraph)
    ]

    assert unbacked == []
