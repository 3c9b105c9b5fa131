"""The life of an item of a co-branded section: two sides must want it, in either order."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class ItemState(models.TextChoices):
    """Where an item stands."""

    PROPOSED = "PROPOSED", "Waits for both sides|待双方审核"
    PARTNER_APPROVED = "PARTNER_APPROVED", "Waits for the platform|合作方已同意"
    PLATFORM_APPROVED = "PLATFORM_APPROVED", "Waits for the partner|平台已同意"
    APPROVED = "APPROVED", "Approved by both|已入选"
    REJECTED = "REJECTED", "Rejected|已拒绝"


class Side(models.TextChoices):
    """Who decides."""

    PARTNER = "partner", "Partner|合作方"
    PLATFORM = "platform", "Platform|平台"


@offered
class ItemDecision(models.TextChoices):
    """What a side says about an item; a rejection takes back what both had said."""

    APPROVE = "APPROVE", "Approve|同意"
    REJECT = "REJECT", "Reject|拒绝"


BY_PARTNER = (ItemState.PARTNER_APPROVED, ItemState.APPROVED)
BY_PLATFORM = (ItemState.PLATFORM_APPROVED, ItemState.APPROVED)
_OPEN = (ItemState.PROPOSED, ItemState.PARTNER_APPROVED, ItemState.PLATFORM_APPROVED)

ITEM = Machine(
    subject="section_item",
    transitions={
        (ItemState.PROPOSED, "partner_approve"): ItemState.PARTNER_APPROVED,
        (ItemState.PLATFORM_APPROVED, "partner_approve"): ItemState.APPROVED,
        (ItemState.PROPOSED, "platform_approve"): ItemState.PLATFORM_APPROVED,
        (ItemState.PARTNER_APPROVED, "platform_approve"): ItemState.APPROVED,
        (ItemState.REJECTED, "propose"): ItemState.PROPOSED,
        **{
            (state, f"{side}_reject"): ItemState.REJECTED
            for side in Side
            for state in (*_OPEN, ItemState.APPROVED)
        },
    },
)


def action_of(side: Side, decision: ItemDecision) -> str:
    """Return what a side does to an item when it decides so."""
    return f"{side.value}_{decision.value.lower()}"
