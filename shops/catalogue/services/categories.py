"""The category tree as it ships."""

import csv
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from core.transactions import needs_transaction
from shops.catalogue.models import Category
from shops.catalogue.selectors import tree

_SHIPPED = Path(__file__).resolve().parents[1] / "data" / "categories.csv"
# Made once for this project; a category's id is derived from it and the slug.
_NAMESPACE = UUID("6f1d2c52-4b7e-5d0a-9c64-0f3a7c1b8e21")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading the tree did."""

    added: int
    changed: int
    unchanged: int


@needs_transaction
def load() -> Loaded:
    """Bring the tree up to the shipped table; safe to repeat. Nothing is deleted."""
    stored = {category.slug: category for category in Category.objects.all()}
    added = changed = unchanged = 0
    # Parents stand before their children in the table.
    for position, row in enumerate(_rows()):
        wanted = _facts(row, position, stored)
        category = stored.get(row["slug"])
        if category is None:
            category = Category.objects.create(slug=row["slug"], **wanted)
            stored[category.slug] = category
            added += 1
        elif all(getattr(category, name) == value for name, value in wanted.items()):
            unchanged += 1
        else:
            Category.objects.filter(pk=category.pk).update(**wanted)
            changed += 1
        path = [*(category.parent.path if category.parent else []), category.pk]
        if category.path != path:
            Category.objects.filter(pk=category.pk).update(path=path)
            category.path = path
    tree.forget()
    return Loaded(added, changed, unchanged)


def reference_of(slug: str) -> UUID:
    """Return the id of a shipped category."""
    return uuid5(_NAMESPACE, slug)


def _rows() -> list[dict[str, str]]:
    with _SHIPPED.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _facts(row: dict[str, str], position: int, stored: dict[str, Category]) -> dict[str, object]:
    return {
        "reference": reference_of(row["slug"]),
        "parent": stored[row["parent"]] if row["parent"] else None,
        "position": position,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "product_classes": row["product_classes"].split("|"),
        "licence_kind": row["licence_kind"],
        "temp_class": row["temp_class"],
        "return_class": row["return_class"],
        "auto_confirm_hours": int(row["auto_confirm_hours"]),
    }
