"""What may be said about full reductions."""

from typing import Any

from rest_framework import serializers

from core.http.forms import (
    CountField,
    FenField,
    FlagField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
)
from marketplace.reductions.domain.drafts import Draft
from marketplace.reductions.domain.tiers import Tier

TIERS_MAX = 10
PRODUCTS_MAX = 500


class TierForm(Form):
    """So much off, from an amount on or from a number of pieces on."""

    threshold_fen = FenField(required=False, allow_null=True, default=None, min_value=1)
    threshold_pieces = CountField(required=False, allow_null=True, default=None)
    amount_fen = FenField(min_value=1)


class ReductionForm(Form):
    """A full reduction as its shop wants it; without products it counts for all it sells."""

    name = TextField(max_length=80)
    starts_at = InstantField(help_text="Now at the earliest.")
    ends_at = InstantField()
    tiers = TierForm(many=True, min_length=1, max_length=TIERS_MAX)  # type: ignore[call-arg]
    products = serializers.ListField(
        child=ReferenceField(), max_length=PRODUCTS_MAX, required=False, default=list
    )
    allow_on_activity_price = FlagField(required=False, default=False)


class EndingForm(Form):
    """Why a full reduction is ended before its time."""

    reason = TextField(max_length=200, required=False, allow_blank=True, default="")


class ReductionsQuery(Form):
    """What a shop takes off: anything, or one of its products."""

    product = ReferenceField(required=False)


def draft_of(said: dict[str, Any]) -> Draft:
    """Return a full reduction as the services know it."""
    return Draft(
        **said
        | {
            "tiers": tuple(Tier(**tier) for tier in said["tiers"]),
            "products": tuple(said["products"]),
        }
    )
