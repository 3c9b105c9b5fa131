"""What the API answers about full reductions: the documentation of `selectors/shown.py`."""

from rest_framework import serializers

from marketplace.reductions.domain.states import ReductionState


class TierOutput(serializers.Serializer):
    """So much off, from an amount on or from a number of pieces on."""

    threshold_fen = serializers.IntegerField(allow_null=True)
    threshold_pieces = serializers.IntegerField(allow_null=True)
    amount_fen = serializers.IntegerField()


class OfferedReductionOutput(serializers.Serializer):
    """What a shop takes off: of the tiers that are reached, the one that takes most off."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    tiers = TierOutput(many=True)
    products = serializers.ListField(
        child=serializers.UUIDField(), help_text="Empty: everything that the shop sells."
    )
    allow_on_activity_price = serializers.BooleanField()


class ReductionOutput(OfferedReductionOutput):
    """A full reduction as its shop sees it."""

    state = serializers.ChoiceField(ReductionState.choices)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
    server_time = serializers.DateTimeField()
