"""What the API answers about flash sales: the documentation of `selectors/flash.py`."""

from rest_framework import serializers

from marketplace.activities.domain.states import ActivityState


class NamedShop(serializers.Serializer):
    """A shop as lists name it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class FlashSaleOutput(serializers.Serializer):
    """A price for a short time, with pieces of its own."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(ActivityState.choices, help_text="By the clock.")
    sku = serializers.UUIDField()
    product = serializers.UUIDField()
    title = serializers.CharField()
    spec = serializers.CharField()
    shop = NamedShop()
    price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    quantity = serializers.IntegerField()
    left = serializers.IntegerField(
        help_text="Neither sold nor held by an order; it may grow again."
    )
    per_user_limit = serializers.IntegerField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    server_time = serializers.DateTimeField()


class PlannedFlashSaleOutput(FlashSaleOutput):
    """A flash sale as its shop and staff see it."""

    sold = serializers.IntegerField(help_text="Paid for.")
    returned = serializers.IntegerField(help_text="Back in the stock after its end.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
