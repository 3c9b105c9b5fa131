"""What a reviewer may see of shops in the console."""

from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from core.accounts.domain.roles import Role
from core.console import reach
from core.errors import NotFound
from core.uploads import addresses
from shops.storefronts.domain.states import ShopState
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors import papers, shops

_WAITING_FIRST = Case(
    When(state=ShopState.IN_REVIEW, then=Value(0)), default=Value(1), output_field=IntegerField()
)


def shops_for(user: Any) -> QuerySet[Shop]:
    """Return the shops in somebody's reach as a reviewer, `turn` 0 where it waits for them."""
    return shops.in_scope(reach.scope(user, Role.REVIEWER)).annotate(turn=_WAITING_FIRST)


def waiting_for(user: Any) -> int:
    """Return how many shops in somebody's reach wait for review."""
    return shops.in_scope(reach.scope(user, Role.REVIEWER), ShopState.IN_REVIEW).count()


def papers_of(shop: Shop) -> list[Licence]:
    """Return a shop's papers, newest first."""
    return list(papers.of_shop(shop.pk))


def file_address(shop: Shop, reference: UUID) -> str:
    """Return an address of one paper's file that holds for five minutes.

    Raises:
        NotFound: the shop has no such paper, or it was said and not photographed.
    """
    upload = papers.of_shop_by_reference(shop.pk, reference).upload
    if upload is None:
        raise NotFound(subject="file")
    return addresses.url_of(upload)
