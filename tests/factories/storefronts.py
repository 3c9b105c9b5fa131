"""Shops for tests, brought to their state by the services that lead there."""

import itertools
from datetime import UTC, datetime

from django.db import transaction

from core.accounts.models import User
from core.audit.actors import Actor
from shops.storefronts.domain.licensing import LicenceKind, ShopKind
from shops.storefronts.models import Shop
from shops.storefronts.services import founding, papers, reviewing
from tests.factories.accounts import a_user
from tests.factories.uploads import an_upload

_NUMBERS = itertools.count(1)
FOUNDED = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def a_shop(
    owner: User | None = None,
    region: str = "420527",
    name: str = "",
    kind: str = ShopKind.FARMER,
) -> Shop:
    """Return a shop that is being prepared."""
    owner = owner or a_user()
    with transaction.atomic():
        return founding.found(
            owner.pk, name=name or f"果园{next(_NUMBERS)}", kind=kind, region=region, now=FOUNDED
        )


def with_papers(shop: Shop) -> Shop:
    """Hand in what a shop needs to open."""
    owner = shop.members.get(role="OWNER").user
    kinds = (
        [LicenceKind.IDENTITY, LicenceKind.ORIGIN_DECLARATION]
        if shop.kind == ShopKind.FARMER
        else [LicenceKind.BUSINESS_LICENCE]
    )
    with transaction.atomic():
        for kind in kinds:
            papers.hand_in(
                shop,
                kind,
                number=f"{kind}{next(_NUMBERS)}",
                upload_reference=an_upload(owner, at=FOUNDED).reference,
                actor=Actor(user_id=owner.pk),
                now=FOUNDED,
            )
    return shop


def open_shop(
    owner: User | None = None,
    region: str = "420527",
    name: str = "",
    kind: str = ShopKind.FARMER,
) -> Shop:
    """Return a shop that sells."""
    shop = with_papers(a_shop(owner, region, name, kind))
    member = shop.members.get(role="OWNER")
    with transaction.atomic():
        reviewing.submit(shop, actor=Actor(user_id=member.user_id), now=FOUNDED)
        return reviewing.decide(shop, "APPROVE", actor=Actor(user_id=a_user().pk), now=FOUNDED)
