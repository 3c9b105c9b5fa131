"""What stands in the way of putting a batch to work: what it would do, and who has looked at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from core.audit.actors import Actor
from core.errors import DomainError
from core.transactions import needs_transaction
from marketplace.coupons.domain.kinds import Issuer
from marketplace.coupons.domain.outlooks import Finding, misses
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.selectors import outlooks
from marketplace.coupons.selectors.outlooks import Outlook


class BatchScopeEmpty(DomainError):
    """Nothing that is on sale lies in the scope of this batch."""

    code = "BATCH_SCOPE_EMPTY"
    zh = "该批次的适用范围内目前没有在售商品。"


class BatchMissesSection(DomainError):
    """These coupons can be used only while a section that they name is not open."""

    code = "BATCH_MISSES_SECTION"
    zh = "该批次的使用时间与所选专区的开放时间没有重合。"


class BatchAbovePrice(DomainError):
    """These coupons take off more than the cheapest goods that they count for cost."""

    code = "BATCH_ABOVE_PRICE"
    zh = "该批次的优惠金额高于适用范围内最低的商品金额。"


class SecondOfficerNeeded(DomainError):
    """A batch of so much money is approved by somebody who has neither drafted nor changed it."""

    code = "SECOND_OFFICER_NEEDED"
    zh = "该批次金额较大，须由起草人和最后修改人以外的人员审核。"


class BatchAboveApproved(DomainError):
    """Nobody has approved so much money; draft a further batch for more."""

    code = "BATCH_ABOVE_APPROVED"
    zh = "增发后的金额超过已审核的金额，请另建批次。"


# What an approval may be refused with.
REFUSALS = (BatchScopeEmpty, BatchMissesSection, BatchAbovePrice, SecondOfficerNeeded)


@dataclass(frozen=True, slots=True)
class Approval:
    """By whom a batch is approved, for how much money, and whether two people had to look."""

    approved_by_id: int | None
    approved_worst_fen: int
    needs_second_officer: bool

    def stamps(self) -> dict[str, Any]:
        """Return what is written on the batch."""
        return {
            "approved_by_id": self.approved_by_id,
            "approved_worst_fen": self.approved_worst_fen,
            "needs_second_officer": self.needs_second_officer,
        }


@needs_transaction
def judge(batch: CouponBatch, *, actor: Actor, now: datetime) -> Approval:
    """Return the approval of a batch; its caller has locked it, so that it does not grow meanwhile.

    A shop decides about its own money alone, and the market's own programs have no officer.

    Raises:
        BatchScopeEmpty, BatchMissesSection, BatchAbovePrice: its outlook speaks against it.
        SecondOfficerNeeded: it is above the limit, and this person drafted or last changed it.
    """
    worst_fen = outlooks.worst_fen(batch)
    if batch.issuer != Issuer.PLATFORM or actor.user_id is None:
        return Approval(actor.user_id, worst_fen, needs_second_officer=False)
    outlook = outlooks.outlook_of(batch, now)
    if outlook.stopping:
        raise _refusal(outlook)
    is_large = needs_two(worst_fen)
    if is_large and actor.user_id in (batch.created_by_id, batch.edited_by_id):
        raise SecondOfficerNeeded(worst_fen=worst_fen, limit_fen=settings.MARKETPLACE_FOUR_EYES_FEN)
    return Approval(actor.user_id, worst_fen, needs_second_officer=is_large)


def needs_officer(batch: CouponBatch, worst_fen: int) -> bool:
    """Tell whether a batch is approved by somebody else than who drafted or last changed it."""
    return batch.issuer == Issuer.PLATFORM and needs_two(worst_fen)


def needs_two(worst_fen: int) -> bool:
    """Tell whether so much money needs two people."""
    return worst_fen > int(settings.MARKETPLACE_FOUR_EYES_FEN)


@needs_transaction
def insist_on_approval(batch: CouponBatch, quantity: int, *, actor: Actor) -> None:
    """Refuse pieces that nobody has approved; the caller has locked the batch.

    Raises:
        BatchAboveApproved: so many pieces are worth more than the limit, and than was approved.
    """
    if batch.approved_at is None or batch.issuer != Issuer.PLATFORM or actor.user_id is None:
        return
    worst_fen, approved_fen = outlooks.worst_fen(batch, quantity), batch.approved_worst_fen or 0
    if needs_two(worst_fen) and worst_fen > approved_fen:
        raise BatchAboveApproved(
            worst_fen=worst_fen,
            approved_fen=approved_fen,
            limit_fen=settings.MARKETPLACE_FOUR_EYES_FEN,
        )


def _refusal(outlook: Outlook) -> DomainError:
    found = outlook.stopping
    if Finding.SCOPE_EMPTY in found:
        return BatchScopeEmpty(findings=found)
    if Finding.SECTION_MISSED in found:
        missed = [one.slug for one in outlook.openings if misses(one, outlook.window)]
        return BatchMissesSection(findings=found, sections=missed)
    return BatchAbovePrice(findings=found, cheapest_fen=outlook.reach.cheapest_fen)
