"""The seats of teams, as the services ask for them."""

from collections.abc import Sequence

from orders.groupbuys.domain.arithmetic import Leadership
from orders.groupbuys.domain.states import MemberState
from orders.groupbuys.models import TeamMember
from orders.placement.models import Order


def who_paid(team_id: int) -> list[Leadership]:
    """Return who sits in a team and has paid."""
    rows = TeamMember.objects.filter(team=team_id, state=MemberState.PAID)
    return [
        Leadership(member_id, user_id, paid_at)
        for member_id, user_id, paid_at in rows.values_list("pk", "user_id", "paid_at")
        if user_id is not None and paid_at is not None
    ]


def paid_orders(team_ids: Sequence[int]) -> list[str]:
    """Return the references of the paid orders of teams."""
    rows = TeamMember.objects.filter(team__in=team_ids, state=MemberState.PAID).order_by("pk")
    return [str(reference) for reference in rows.values_list("order__reference", flat=True)]


def to_pay(team_id: int) -> list[int]:
    """Return the orders of the seats whose payment is not known yet."""
    rows = TeamMember.objects.filter(team=team_id, state=MemberState.LOCKED).order_by("pk")
    return [order_id for order_id in rows.values_list("order_id", flat=True) if order_id]


def is_in_a_team(activity_id: int, user_id: int) -> bool:
    """Tell whether somebody sits in a team of a group buy that may still become something."""
    return TeamMember.objects.filter(activity=activity_id, user=user_id, is_open=True).exists()


def was_free(order_id: int) -> bool:
    """Tell whether nothing was paid for an order, so that nothing goes back."""
    return Order.objects.filter(pk=order_id, payable_fen=0).exists()
