"""Who looks after a funder's money: people of its organisation, let in by campaign managers."""

from datetime import datetime
from uuid import UUID

from core.accounts import phones
from core.accounts.domain.roles import Role
from core.accounts.services import granting, people
from core.errors import DomainError, NotFound
from core.transactions import needs_transaction
from marketplace.coupons.models import CouponBudget


class BudgetOfNobody(DomainError):
    """This budget is the platform's own; it belongs to no organisation."""

    code = "BUDGET_OF_NOBODY"
    zh = "该预算属于平台自有资金，没有出资机构。"


@needs_transaction
def admit(budget: CouponBudget, phone: str, *, now: datetime) -> int:
    """Let somebody see the money of a budget's organisation, and return their key.

    They need not have signed in before.

    Raises:
        InvalidInput: the phone is not a mainland mobile number.
        BudgetOfNobody: the budget has no organisation.
    """
    if budget.organisation_id is None:
        raise BudgetOfNobody(budget=str(budget.reference))
    person = people.register(phones.normalised(phone), now)
    granting.grant_role(person.pk, Role.FUNDER, organisation_id=budget.organisation_id, now=now)
    return person.pk


@needs_transaction
def dismiss(budget: CouponBudget, person: UUID, *, now: datetime) -> None:
    """End somebody's work for the organisation of a budget.

    Raises:
        NotFound: they do not work for it.
    """
    ended = granting.end_role_in(
        person, Role.FUNDER, organisation_id=budget.organisation_id or 0, now=now
    )
    if not ended:
        raise NotFound(subject="funder's officer")
