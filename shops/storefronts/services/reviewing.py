"""A shop asks to be opened, and somebody decides."""

from datetime import datetime

from django.db import models
from django.db.models import F

from core.audit.actors import Actor
from core.audit.advancing import advance, advance_one
from core.errors import DomainError
from core.http.enums import offered
from core.outbox.recording import record
from core.periods import local_day
from core.transactions import needs_transaction
from shops.storefronts.domain.states import LICENCE, SHOP
from shops.storefronts.events import ShopClosed, ShopOpened
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors import access, papers


class ChecklistIncomplete(DomainError):
    """Something is still missing before the shop can be reviewed."""

    code = "CHECKLIST_INCOMPLETE"
    zh = "资料还不完整，暂时不能提交审核。"
    status = 422


class OwnShop(DomainError):
    """Nobody decides about a shop they work in."""

    code = "OWN_SHOP"
    zh = "不能审核自己所在的店铺。"
    status = 403


@offered
class Decision(models.TextChoices):
    """What a reviewer can say."""

    APPROVE = "APPROVE", "Approve|通过"
    REJECT = "REJECT", "Send back|驳回"
    SUSPEND = "SUSPEND", "Suspend|暂停营业"
    REOPEN = "REOPEN", "Reopen|恢复营业"


@needs_transaction
def submit(shop: Shop, *, actor: Actor, now: datetime) -> Shop:
    """Ask for the review of a shop.

    Raises:
        ChecklistIncomplete: naming what is missing.
        IllegalTransition: it is in review already, or has been opened.
    """
    _require_papers(shop, now)
    advance_one(
        Shop.objects.filter(pk=shop.pk),
        SHOP,
        "submit",
        actor=actor,
        now=now,
        submitted_at=now,
        decision_reason="",
        version=F("version") + 1,
    )
    shop.refresh_from_db()
    return shop


@needs_transaction
def decide(
    shop: Shop, decision: Decision | str, *, actor: Actor, now: datetime, reason: str = ""
) -> Shop:
    """Open, send back, suspend or reopen a shop; its papers are accepted with it.

    Raises:
        OwnShop: the reviewer works in it.
        ChecklistIncomplete: a paper has run out since it was handed in.
        IllegalTransition: the decision does not fit the shop's state.
    """
    chosen = Decision(decision)
    require_distance(shop.pk, actor)
    opens = chosen in (Decision.APPROVE, Decision.REOPEN)
    stamps = {"opened_at": now} if chosen is Decision.APPROVE else {}
    advance_one(
        Shop.objects.filter(pk=shop.pk),
        SHOP,
        chosen.value.lower(),
        actor=actor,
        now=now,
        reason=reason,
        decision_reason=reason,
        version=F("version") + 1,
        **stamps,
    )
    if opens:
        # After the move, which keeps other decisions away until this one is committed.
        _require_papers(shop, now)
        advance(Licence.objects.filter(shop=shop), LICENCE, "accept", actor=actor, now=now)
    _tell(shop, chosen, now)
    shop.refresh_from_db()
    return shop


def require_distance(shop_id: int, actor: Actor) -> None:
    """Keep people from judging where they work.

    Raises:
        OwnShop: they do.
    """
    if access.is_member(actor.user_id or 0, shop_id):
        raise OwnShop


def _require_papers(shop: Shop, now: datetime) -> None:
    missing = papers.missing_to_open(shop, on=local_day(now))
    if missing:
        raise ChecklistIncomplete(missing=[item.said() for item in missing])


def _tell(shop: Shop, decision: Decision, now: datetime) -> None:
    if decision in (Decision.APPROVE, Decision.REOPEN):
        record(ShopOpened(shop.pk, str(shop.reference)), now=now)
    elif decision is Decision.SUSPEND:
        record(ShopClosed(shop.pk, str(shop.reference)), now=now)
