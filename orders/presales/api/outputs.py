"""What the API answers about pre-sales: the documentation of `selectors/offered.py`."""

from rest_framework import serializers

from marketplace.activities.domain.states import ActivityState
from orders.placement.api.outputs import PlacedOrderOutput
from orders.presales.domain.states import DefaultRule, PreorderState, PresaleKind, PresaleState


class PresaleOutput(serializers.Serializer):
    """A price for goods that come later; deposit, worth and compensation are those of a piece."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(PresaleKind.choices)
    state = serializers.ChoiceField(ActivityState.choices)
    delivery = serializers.ChoiceField(PresaleState.choices)
    sku = serializers.UUIDField()
    product = serializers.UUIDField()
    title = serializers.CharField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    deposit_fen = serializers.IntegerField(allow_null=True)
    deposit_worth_fen = serializers.IntegerField(
        allow_null=True, help_text="What the deposit takes off the price."
    )
    left = serializers.IntegerField()
    per_user_limit = serializers.IntegerField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    balance_from = serializers.DateTimeField(allow_null=True)
    balance_until = serializers.DateTimeField(allow_null=True)
    ship_from = serializers.DateTimeField()
    ship_until = serializers.DateTimeField()
    forecast_g = serializers.IntegerField(allow_null=True)
    factor_bp = serializers.IntegerField(allow_null=True)
    default_rule = serializers.ChoiceField(DefaultRule.choices)
    compensation_fen = serializers.IntegerField(
        help_text="What the shop pays beside what goes back, if it cannot deliver."
    )
    server_time = serializers.DateTimeField()


class PreorderOutput(serializers.Serializer):
    """One's own order in a pre-sale."""

    order = serializers.UUIDField()
    number = serializers.CharField()
    presale = serializers.UUIDField()
    kind = serializers.ChoiceField(PresaleKind.choices)
    state = serializers.ChoiceField(PreorderState.choices)
    quantity = serializers.IntegerField()
    payable_fen = serializers.IntegerField()
    deposit_fen = serializers.IntegerField()
    balance_fen = serializers.IntegerField()
    pay_before = serializers.DateTimeField(help_text="Of what is due next.")
    balance_from = serializers.DateTimeField(allow_null=True)
    balance_until = serializers.DateTimeField(allow_null=True)
    deposit_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ship_from = serializers.DateTimeField()
    ship_until = serializers.DateTimeField()
    compensation_fen = serializers.IntegerField()
    server_time = serializers.DateTimeField()


class PreorderedOutput(serializers.Serializer):
    """An order that was just placed in a pre-sale."""

    preorder = PreorderOutput()
    order = PlacedOrderOutput()
