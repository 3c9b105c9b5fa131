"""Filling a basket; every change moves its version."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F

from core.errors import DomainError, InvalidInput
from core.transactions import needs_transaction
from orders.baskets.domain.limits import LINES_MAX
from orders.baskets.models import Basket, BasketLine
from orders.baskets.selectors import baskets
from orders.baskets.selectors.baskets import BasketFacts
from shops.catalogue.selectors import sellable


class BasketChanged(DomainError):
    """The basket was changed in the meantime; please look at it again."""

    code = "BASKET_CHANGED"
    zh = "购物车内容已变动，请重新确认。"


class BasketFull(DomainError):
    """A basket holds 100 different things at most."""

    code = "BASKET_FULL"
    zh = "购物车最多可放 100 种商品。"


Check = Callable[[int], None]


@needs_transaction
def fill(owner_id: int, quantities: Mapping[UUID, int], *, check: Check, now: datetime) -> None:
    """Put exactly these quantities into the basket, replacing what was there.

    Raises:
        InvalidInput: a SKU does not exist.
    """
    keys = _keys_of(quantities)
    basket = _opened(owner_id, check, now)
    BasketLine.objects.filter(basket=basket).delete()
    BasketLine.objects.bulk_create(
        BasketLine(basket=basket, sku_id=keys[sku], quantity=quantity, added_at=now)
        for sku, quantity in quantities.items()
    )


@needs_transaction
def put(owner_id: int, sku: UUID, quantity: int, *, check: Check, now: datetime) -> None:
    """Have so many of one SKU in the basket.

    Raises:
        InvalidInput: the SKU does not exist.
        BasketFull: there are too many different things in it.
    """
    keys = _keys_of({sku: quantity})
    basket = _opened(owner_id, check, now)
    BasketLine.objects.bulk_create(
        [BasketLine(basket=basket, sku_id=keys[sku], quantity=quantity, added_at=now)],
        update_conflicts=True,
        unique_fields=["basket", "sku"],
        update_fields=["quantity"],
    )
    if baskets.size_of(basket.pk) > LINES_MAX:
        raise BasketFull


@needs_transaction
def remove(owner_id: int, sku: UUID, *, check: Check, now: datetime) -> None:
    """Take one SKU out of the basket; it may have been out already."""
    basket = _opened(owner_id, check, now)
    BasketLine.objects.filter(basket=basket, sku__reference=sku).delete()


@needs_transaction
def empty(basket: BasketFacts, *, now: datetime) -> None:
    """Take everything out of a basket that has been ordered, if it is still the one that was read.

    Raises:
        BasketChanged: it was changed since.
    """
    same = Basket.objects.filter(pk=basket.id, version=basket.version)
    if not same.update(version=F("version") + 1, changed_at=now):
        raise BasketChanged
    BasketLine.objects.filter(basket_id=basket.id).delete()


def _opened(owner_id: int, check: Check, now: datetime) -> Basket:
    # Moving the version first takes the basket's row: whoever changes it too queues up here.
    mine = Basket.objects.filter(owner_id=owner_id)
    if not mine.update(version=F("version") + 1, changed_at=now):
        first = Basket(owner_id=owner_id, version=0, changed_at=now)
        Basket.objects.bulk_create([first], ignore_conflicts=True)
        mine.update(version=F("version") + 1, changed_at=now)
    basket = mine.get()
    check(basket.version - 1)
    return basket


def _keys_of(quantities: Mapping[UUID, int]) -> dict[UUID, int]:
    found = {UUID(facts.sku_reference): facts.sku_id for facts in sellable.skus(list(quantities))}
    for sku in quantities:
        if sku not in found:
            raise InvalidInput.at("/sku", "SKU_NOT_FOUND", str(sku))
    return found
