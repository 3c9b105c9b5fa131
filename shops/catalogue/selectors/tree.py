"""The category tree: small, the same for everybody, and read once per process."""

from uuid import UUID

from django.db.models import QuerySet

from core.errors import DomainError
from shops.catalogue.models import Category

_by_id: dict[int, Category] = {}


class UnknownCategory(DomainError):
    """There is no category with this id or slug."""

    code = "UNKNOWN_CATEGORY"
    zh = "没有这个商品分类。"
    status = 400


def listed() -> QuerySet[Category]:
    """Return all categories in the order of the tree."""
    return Category.objects.order_by("position", "id")


def find(name: UUID | str) -> Category:
    """Return a category by its id or its slug.

    Raises:
        UnknownCategory: no category answers to it.
    """
    for category in _all().values():
        if str(name) in {str(category.reference), category.slug}:
            return category
    raise UnknownCategory(category=str(name))


def by_id(category_id: int) -> Category:
    """Return a category by its key."""
    return _all()[category_id]


def below(category: Category) -> list[int]:
    """Return the keys of a category and of everything under it."""
    return [each.pk for each in _all().values() if category.pk in each.path]


def forget() -> None:
    """Read the tree anew from now on: it has been loaded again."""
    _by_id.clear()


def _all() -> dict[int, Category]:
    if not _by_id:
        _by_id.update({category.pk: category for category in Category.objects.all()})
    return _by_id
