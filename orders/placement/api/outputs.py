"""What the API answers about prices and orders: the documentation of `selectors/shown.py`."""

from rest_framework import serializers

from marketplace.activities.domain.kinds import ActivityKind
from marketplace.coupons.domain.kinds import Funder
from orders.placement.domain.states import OrderState, ShopOrderState
from orders.placement.domain.steps import Step
from shops.storefronts.domain.licensing import Fulfilment


class NamedShop(serializers.Serializer):
    """A shop as lists name it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class FunderShareOutput(serializers.Serializer):
    """Who bears how much of a discount."""

    funder = serializers.ChoiceField(Funder.choices)
    amount_fen = serializers.IntegerField()


class LineDiscountOutput(serializers.Serializer):
    """What one coupon, or the shop's full reduction, takes off one line or its freight."""

    source = serializers.ChoiceField(Step.choices)  # type: ignore[assignment]
    coupon = serializers.UUIDField(allow_null=True)
    reduction = serializers.UUIDField(allow_null=True)
    funders = FunderShareOutput(many=True)
    amount_fen = serializers.IntegerField()


class LineActivityOutput(serializers.Serializer):
    """The activity that a line is bought in."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(ActivityKind.choices)


class LinePriceOutput(serializers.Serializer):
    """One line: sale = paid + discounts; freight fee = freight + freight discounts."""

    sku = serializers.UUIDField()
    product = serializers.UUIDField()
    title = serializers.CharField()
    spec = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField(help_text="Outside any activity.")
    activity = LineActivityOutput(allow_null=True)
    sale_fen = serializers.IntegerField()
    discounts = LineDiscountOutput(many=True)
    paid_fen = serializers.IntegerField()
    freight_fee_fen = serializers.IntegerField(help_text="Before coupons for freight.")
    freight_discounts = LineDiscountOutput(many=True)
    freight_fen = serializers.IntegerField(help_text="What the buyer pays of the freight.")


class ShopPriceOutput(serializers.Serializer):
    """One shop's part."""

    shop = NamedShop()
    lines = LinePriceOutput(many=True)
    goods_fen = serializers.IntegerField()
    freight_fee_fen = serializers.IntegerField(help_text="Before coupons for freight.")
    freight_fen = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    payable_fen = serializers.IntegerField()


class QuoteProblemOutput(serializers.Serializer):
    """What stands in the way of ordering; its facts travel as further members."""

    code = serializers.CharField()
    detail = serializers.CharField()


class NotUsedOutput(QuoteProblemOutput):
    """A coupon that could be used and is not among the best, and why."""

    coupon = serializers.UUIDField()
    short_fen = serializers.IntegerField(help_text="Missing to its threshold.")
    short_pieces = serializers.IntegerField(help_text="Missing to its threshold.")


class DelayOutput(serializers.Serializer):
    """A dispatch hold that makes one shop's goods come later; `until` may not be known."""

    shop = serializers.UUIDField()
    region = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class DepositOutput(serializers.Serializer):
    """An order that is paid in two steps: the deposit first, the balance in its window."""

    deposit_fen = serializers.IntegerField()
    balance_fen = serializers.IntegerField()
    paid_at = serializers.DateTimeField(allow_null=True, help_text="When the deposit was paid.")
    balance_from = serializers.DateTimeField()
    balance_until = serializers.DateTimeField(help_text="A deposit without a balance is lost.")


class QuoteOutput(serializers.Serializer):
    """The whole price, explained; it is not stored and promises nothing."""

    shops = ShopPriceOutput(many=True)
    goods_fen = serializers.IntegerField()
    freight_fee_fen = serializers.IntegerField(help_text="Before coupons for freight.")
    freight_fen = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    payable_fen = serializers.IntegerField()
    deposit_fen = serializers.IntegerField(help_text="What of it is due first.")
    balance_fen = serializers.IntegerField(help_text="What is due after the deposit.")
    coupons = serializers.ListField(child=serializers.UUIDField(), help_text="The ones used.")
    not_used = NotUsedOutput(
        many=True, help_text="With best_coupons: those in the wallet that are left out, and why."
    )
    delays = DelayOutput(many=True)
    problems = QuoteProblemOutput(many=True)


class OrderLineOutput(LinePriceOutput):
    """One line of an order."""

    id = serializers.UUIDField()
    refunded_quantity = serializers.IntegerField(required=False)
    refunded_fen = serializers.IntegerField(required=False)


class ShopOrderOutput(ShopPriceOutput):
    """One shop's part of an order."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(ShopOrderState.choices)
    fulfilment = serializers.ChoiceField(Fulfilment.choices)
    ship_deadline = serializers.DateTimeField(
        allow_null=True,
        help_text="By when the shop has to send it; none before its goods may go, and none "
        "while a dispatch hold without an end stops the clock.",
    )
    lines = OrderLineOutput(many=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    confirm_at = serializers.DateTimeField(
        allow_null=True, help_text="When it completes by itself."
    )
    completed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class OrderAddressOutput(serializers.Serializer):
    """Where an order goes."""

    recipient = serializers.CharField()
    phone = serializers.CharField()
    region = serializers.CharField()
    street = serializers.CharField()


class PlacedOrderOutput(serializers.Serializer):
    """An order, one part for each shop."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(OrderState.choices)
    goods_fen = serializers.IntegerField()
    freight_fee_fen = serializers.IntegerField(help_text="Before coupons for freight.")
    freight_fen = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    payable_fen = serializers.IntegerField()
    deposit = DepositOutput(allow_null=True)
    placed_at = serializers.DateTimeField()
    pay_before = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
    server_time = serializers.DateTimeField()
    shop_orders = ShopOrderOutput(many=True)


class OrderOutput(PlacedOrderOutput):
    """An order with its address."""

    address = OrderAddressOutput()
    remark = serializers.CharField()


class SellerShopOrderOutput(ShopOrderOutput):
    """A shop order as its shop sees it; the address is masked for whoever does not deliver."""

    address = OrderAddressOutput()
    remark = serializers.CharField()
    placed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
