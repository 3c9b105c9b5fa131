"""Items of co-branded sections: proposed by anybody, shown once both sides want them."""

from datetime import datetime
from typing import Any

from core.audit.actors import Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import DomainError
from core.transactions import needs_transaction, refusing
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.reviewing import ITEM, ItemDecision, ItemState, Side, action_of
from marketplace.sections.models import Section, SectionItem
from marketplace.sections.services import membership, pins
from shops.catalogue.models import Product


class NotCoBranded(DomainError):
    """No partner reviews the goods of this section; it has no items to decide on."""

    code = "NOT_CO_BRANDED"
    zh = "该专区不是联名专区，无需双方审核。"
    status = 422


class AlreadyProposed(DomainError):
    """This product is an item of the section already."""

    code = "ALREADY_PROPOSED"
    zh = "该商品已提交至本专区。"


class OneForBothSides(DomainError):
    """The two sides of a co-branded section are two people; somebody else must approve this."""

    code = "ONE_FOR_BOTH_SIDES"
    zh = "合作方与平台须由不同人员审核。"


@needs_transaction
def propose(section: Section, product: Product, *, actor: Actor, now: datetime) -> SectionItem:
    """Ask both sides to take a product in; what was rejected may be proposed again.

    Raises:
        NotCoBranded: the section has no partner.
        SectionOriginMismatch: the product comes from elsewhere.
        AlreadyProposed: it is an item, and not a rejected one.
    """
    if section.kind != SectionKind.CO_BRANDED:
        raise NotCoBranded(section=section.slug)
    pins.require_origin(section, product, now)
    rows = SectionItem.objects.filter(section=section, product=product)
    again: dict[str, Any] = {"proposed_by_id": actor.user_id, "proposed_at": now}
    rejected = rows.filter(state=ItemState.REJECTED)
    moved = advance(rejected, ITEM, "propose", actor=actor, now=now, **again)
    if moved:
        return rows.get(pk=moved[0])
    with refusing({"sections_sectionitem_product_once": AlreadyProposed}):
        item = SectionItem.objects.create(section=section, product=product, **again)
    log_birth(ITEM, [item.pk], item.state, actor=actor, now=now)
    return item


@needs_transaction
def decide(
    item: SectionItem,
    side: Side,
    decision: ItemDecision,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> SectionItem:
    """Say yes or no for one side; the section shows the item, or not any more, at once.

    Raises:
        IllegalTransition: this side has decided so already, or it must be proposed again first.
        OneForBothSides: the same person approved it for the other side.
    """
    rows = SectionItem.objects.filter(pk=item.pk)
    action = action_of(side, decision)
    with refusing({"sections_sectionitem_approved_by_two_people": OneForBothSides}):
        advance_one(
            rows,
            ITEM,
            action,
            actor=actor,
            now=now,
            reason=reason,
            **_marks(side, decision, actor, now),
        )
    membership.refresh([item.product_id], now=now)
    item.refresh_from_db()
    return item


def _marks(side: Side, decision: ItemDecision, actor: Actor, now: datetime) -> dict[str, Any]:
    if decision == ItemDecision.APPROVE:
        return {f"{side.value}_by_id": actor.user_id, f"{side.value}_at": now}
    return {f"{one.value}_{what}": None for one in Side for what in ("by_id", "at")}
