"""The category tree: small, the same for everybody, and read once per process."""

from uuid import UUID

from django.db.models import QuerySet

from core.errors import DomainError
from shops.catalogue.models import Category

_by_id: dict[int, Category] = {}
_by_name: dict[str, Category] = {}


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
    _all()
    category = _by_name.get(str(name))
    if category is None:
        raise UnknownCategory(category=str(name))
    return category


def by_id(category_id: int) -> Category:
    """Return a category by its key."""
    return _all()[category_id]


def below(category: Category) -> list[int]:
    """Return the keys of a category and of everything under it."""
    return [each.pk for each in _all().values() if category.pk in each.path]


def forget() -> None:
    """Read the tree anew from now on: it has been loaded again."""
    _by_id.clear()
    _by_name.clear()


def _all() -> dict[int, Category]:
    if not _by_id:
        rows = list(Category.objects.all())
        _by_name.update({str(category.reference): category for category in rows})
        _by_name.update({category.slug: category for category in rows})
        _by_id.update({category.pk: category for category in rows})
    return _by_id
