"""What teams and group buys are asked with."""

from typing import Any

from rest_framework import serializers

from core.http import forms
from core.http.forms import (
    CodeField,
    CountField,
    FenField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
)
from core.money import BASIS_POINTS
from orders.groupbuys.domain import arithmetic
from orders.groupbuys.domain.states import VirtualMode
from orders.groupbuys.services.selling import Draft
from orders.placement.api.wishing import WishForm


class SeatForm(WishForm):
    """What somebody buys in a team, at the price they were shown."""


class GroupBuyForm(Form):
    """A group buy as its shop wants it."""

    sku = ReferenceField()
    price_fen = FenField(min_value=1)
    quantity = CountField()
    per_user_limit = CountField(required=False, allow_null=True)
    starts_at = InstantField()
    ends_at = InstantField()
    team_size = CountField(min_value=arithmetic.SIZE_MIN, max_value=arithmetic.SIZE_MAX)
    team_hours = CountField(max_value=arithmetic.HOURS_MAX, default=arithmetic.HOURS_USUAL)
    virtual_mode = CodeField(VirtualMode.choices, default=VirtualMode.NONE)
    virtual_ratio_bp = CountField(max_value=BASIS_POINTS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        forms.forward(attrs, "starts_at", "ends_at")
        if (attrs["virtual_mode"] == VirtualMode.RATIO) != ("virtual_ratio_bp" in attrs):
            raise serializers.ValidationError(
                {
                    "virtual_ratio_bp": [
                        serializers.ErrorDetail("It comes with RATIO, and only with it.", "RATIO")
                    ]
                }
            )
        return attrs


class CallingOffForm(Form):
    """Why a shop cannot deliver."""

    reason = TextField(max_length=200)


class GroupBuysQuery(Form):
    """Which group buys."""

    product = ReferenceField(required=False)


def draft_of(said: dict[str, Any]) -> Draft:
    """Return a group buy as the services know it."""
    return Draft(**said)
