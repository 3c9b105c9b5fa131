"""Which papers a shop has, and what is missing."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.errors import NotFound
from shops.storefronts.domain import licensing
from shops.storefronts.domain.states import LicenceState
from shops.storefronts.models import Licence, Shop

LIVING = (LicenceState.PENDING, LicenceState.VALID, LicenceState.EXPIRING)
ACCEPTED = (LicenceState.VALID, LicenceState.EXPIRING)


def checklist(shop: Shop, *, on: date) -> list[licensing.ChecklistItem]:
    """Return what a shop needs to open, and whether it was handed in and still holds."""
    return licensing.checklist(shop.kind, kinds_held(shop.pk, LIVING, on=on))


def missing_to_open(shop: Shop, *, on: date) -> list[licensing.ChecklistItem]:
    """Return what a shop lacks before it can be reviewed."""
    return [item for item in checklist(shop, on=on) if not item.is_done]


def may_sell(shop: Shop, product_class: str, *, on: date) -> bool:
    """Tell whether a shop's accepted papers allow a class of goods on a day."""
    needed = licensing.to_sell(shop.kind, product_class)
    return needed is not None and needed <= kinds_held(shop.pk, ACCEPTED, on=on)


def kinds_held(shop_id: int, states: Collection[str], *, on: date) -> set[str]:
    """Return the kinds of paper a shop has in some states, in force on a day."""
    held = Licence.objects.filter(in_force(on), shop_id=shop_id, state__in=states)
    return set(held.values_list("kind", flat=True))


def in_force(on: date) -> Q:
    """Return the condition for papers that have not run out on a day."""
    return Q(valid_until__isnull=True) | Q(valid_until__gt=on)


def of_shop(shop_id: int) -> QuerySet[Licence]:
    """Return a shop's papers, newest first, each with whether another shop has the same number."""
    elsewhere = Licence.objects.filter(
        kind=OuterRef("kind"), number_index=OuterRef("number_index")
    ).exclude(shop_id=shop_id)
    return (
        Licence.objects.filter(shop_id=shop_id)
        .annotate(is_number_elsewhere=Exists(elsewhere.exclude(number_index="")))
        .select_related("upload")
        .order_by("-created_at", "-id")
    )


def of_shop_by_reference(shop_id: int, reference: UUID) -> Licence:
    """Return one paper of a shop.

    Raises:
        NotFound: it has no such paper.
    """
    try:
        return of_shop(shop_id).get(reference=reference)
    except Licence.DoesNotExist:
        raise NotFound(subject="licence") from None
