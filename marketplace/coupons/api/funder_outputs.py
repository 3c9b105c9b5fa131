"""What the interface says about a funder's money, and about those who look after it."""

from typing import Any

from rest_framework import serializers

from core.accounts.sealing import mask_name, mask_phone
from marketplace.coupons.domain.kinds import CommitMode
from marketplace.coupons.domain.states import BatchState


class PaidBatchOutput(serializers.Serializer[Any]):
    """A batch that a budget pays for, as its funder sees it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    bp = serializers.IntegerField(help_text="The budget's share of each discount")
    commit_mode = serializers.ChoiceField(choices=CommitMode.choices)
    quantity = serializers.IntegerField()
    claimed = serializers.IntegerField()
    used = serializers.IntegerField()
    claim_from = serializers.DateTimeField()
    claim_until = serializers.DateTimeField()


class MovementOutput(serializers.Serializer[Any]):
    """What one use of a coupon took out of a budget, and whether it came back."""

    batch = serializers.UUIDField()
    amount_fen = serializers.IntegerField()
    used_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField(allow_null=True)


class OfficerOutput(serializers.Serializer[Any]):
    """Somebody who looks after a funder's money; a phone alone must not tell whose it is."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField()


def paid_batch(row: Any) -> dict[str, Any]:
    """Return a batch as one of its funders sees it."""
    same = ("name", "state", "bp", "commit_mode", "quantity", "claimed", "used")
    when = ("claim_from", "claim_until")
    return {"id": str(row.reference)} | {name: getattr(row, name) for name in (*same, *when)}


def movement(row: Any) -> dict[str, Any]:
    """Return what a use took out of a budget."""
    return {
        "batch": str(row.coupon.batch.reference),
        "amount_fen": row.amount_fen,
        "used_at": row.used_at,
        "reversed_at": row.reversed_at,
    }


def officer(row: Any) -> dict[str, Any]:
    """Return somebody who looks after a funder's money."""
    return {
        "id": row.reference,
        "name": mask_name(row.name),
        "phone": mask_phone(row.phone or ""),
    }
