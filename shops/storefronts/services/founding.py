"""A shop begins, and says about itself what buyers read."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F

from core.audit.actors import Actor
from core.audit.advancing import log_birth
from core.errors import Busy, DomainError
from core.transactions import needs_transaction, refusing
from shops.storefronts.domain import states
from shops.storefronts.domain.licensing import MemberRole
from shops.storefronts.domain.slugs import slug_of
from shops.storefronts.models import Shop, ShopMember

# What a reviewer has looked at stays as it was looked at.
REVIEWED = frozenset({"name", "kind", "region"})
EDITABLE = REVIEWED | {"intro", "fulfilment"}


class ShopLocked(DomainError):
    """What was reviewed about a shop cannot be changed in its present state."""

    code = "SHOP_LOCKED"
    zh = "店铺已提交审核或已开业，审核过的信息不能修改。"


class ShopChanged(DomainError):
    """Somebody else has changed the shop meanwhile; please read it again."""

    code = "SHOP_CHANGED"
    zh = "店铺信息已被他人修改，请刷新后再试。"


@needs_transaction
def found(
    owner_id: int,
    *,
    name: str,
    kind: str,
    region: str,
    intro: str = "",
    actor: Actor | None = None,
    now: datetime,
) -> Shop:
    """Begin a shop that its owner prepares until it is reviewed."""
    reference = uuid.uuid4()
    # The tail has some 40 bits; the one clash in a lifetime is refused and asked again.
    with refusing({"storefronts_shop_slug_names_one_shop": Busy}):
        shop = Shop.objects.create(
            reference=reference,
            slug=slug_of(name, reference),
            name=name,
            kind=kind,
            region=region,
            intro=intro,
            commission_bp=settings.MARKETPLACE_COMMISSION_BP,
            created_at=now,
        )
    ShopMember.objects.create(shop=shop, user_id=owner_id, role=MemberRole.OWNER, joined_at=now)
    log_birth(
        states.SHOP,
        [shop.pk],
        states.ShopState.DRAFT,
        actor=actor or Actor(user_id=owner_id),
        now=now,
    )
    return shop


@needs_transaction
def change(shop: Shop, changes: Mapping[str, Any]) -> Shop:
    """Change what a shop says about itself.

    Raises:
        ShopLocked: a reviewer has looked at that, or is looking.
        ShopChanged: somebody was faster.
    """
    values = {name: value for name, value in changes.items() if name in EDITABLE}
    if not values:
        return shop
    guarded = Shop.objects.filter(pk=shop.pk, version=shop.version)
    touched = sorted(REVIEWED & values.keys())
    if touched:
        guarded = guarded.filter(state__in=[states.ShopState.DRAFT, states.ShopState.REJECTED])
    if not guarded.update(version=F("version") + 1, **values):
        current = Shop.objects.get(pk=shop.pk)
        if current.version != shop.version:
            raise ShopChanged(version=current.version)
        raise ShopLocked(fields=touched, state=current.state)
    shop.refresh_from_db()
    return shop
