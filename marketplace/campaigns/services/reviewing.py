"""What staff say to enrolments: to one, or to many, each for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.errors import DomainError
from core.transactions import entry, needs_transaction
from marketplace.campaigns.domain.states import Decision
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.selectors import enrolled
from marketplace.campaigns.services import enrolments


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one enrolment of many: its row, or why it was refused."""

    reference: UUID
    enrolment: Enrolment | None
    refusal: DomainError | None = None


@needs_transaction
def decide(
    enrolment: Enrolment, decision: Decision, *, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Approve an enrolment, or turn it down.

    Raises:
        IllegalTransition, ActivityOverlap, StockTooLow, InvalidInput, ReasonNeeded: as they do.
    """
    if decision == Decision.APPROVE:
        enrolments.approve(enrolment, actor=actor, now=now)
    else:
        enrolments.reject(enrolment, actor=actor, now=now, reason=reason)


def decide_each(
    campaign: Campaign,
    references: Sequence[UUID],
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> list[Outcome]:
    """Decide about many enrolments, each in a transaction of its own: no refusal stops the rest.

    Said again it changes nothing more: what is decided cannot be decided again.
    """

    @entry
    def one(reference: UUID) -> Enrolment:
        found = enrolled.one_of(campaign.pk, reference)
        decide(found, decision, actor=actor, now=now, reason=reason)
        return enrolled.one_of(campaign.pk, reference)

    outcomes = []
    for reference in references:
        try:
            outcomes.append(Outcome(reference, one(reference)))
        except DomainError as refusal:
            outcomes.append(Outcome(reference, None, refusal))
    return outcomes
