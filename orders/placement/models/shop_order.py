"""One shop's part of an order: what it sends, what it earns."""

import uuid

from django.db import models
from django.db.models import F, Q

from orders.placement.domain.states import ShopOrderState
from orders.placement.models.order import Order

BEFORE_PAYMENT = (
    ShopOrderState.PENDING_PAYMENT,
    ShopOrderState.WAIT_BALANCE,
    ShopOrderState.CANCELLED,
)
AFTER_RELEASE = (
    ShopOrderState.TO_SHIP,
    ShopOrderState.PARTLY_SHIPPED,
    ShopOrderState.SHIPPED,
    ShopOrderState.SIGNED,
    ShopOrderState.COMPLETED,
)
AFTER_SIGNING = (ShopOrderState.SIGNED, ShopOrderState.COMPLETED)


class ShopOrder(models.Model):
    """What one shop has to send for one order."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shop_orders")
    shop = models.ForeignKey(
        "storefronts.Shop", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=20, default=ShopOrderState.PENDING_PAYMENT)
    # How the shop ships, the platform's rate, the time to object and the time to ship, as agreed
    # at placement.
    fulfilment = models.CharField(max_length=10)
    commission_bp = models.PositiveIntegerField()
    confirm_minutes = models.PositiveIntegerField()
    promise_hours = models.PositiveSmallIntegerField()

    goods_fen = models.PositiveBigIntegerField()
    discount_fen = models.PositiveBigIntegerField()
    freight_fen = models.PositiveBigIntegerField()
    payable_fen = models.PositiveBigIntegerField()

    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    # When its goods may go: the time to ship runs from here.
    released_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    # When it completes by itself; counted from the signature.
    confirm_at = models.DateTimeField(null=True)
    # When that is tried; nothing while signed means that it was given up and waits for a person.
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop"], name="placement_shoporder_shop_is_there_once"
            ),
            models.CheckConstraint(
                name="placement_shoporder_state_is_known",
                condition=Q(state__in=ShopOrderState.values),
            ),
            models.CheckConstraint(
                name="placement_shoporder_payable_adds_up",
                condition=Q(payable_fen=F("goods_fen") - F("discount_fen") + F("freight_fen")),
            ),
            models.CheckConstraint(
                name="placement_shoporder_commission_is_a_share",
                condition=Q(commission_bp__lte=10_000),
            ),
            models.CheckConstraint(
                name="placement_shoporder_paid_has_its_time",
                condition=Q(state__in=BEFORE_PAYMENT, paid_at=None)
                | Q(~Q(state__in=BEFORE_PAYMENT), paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_shoporder_promises_a_time", condition=Q(promise_hours__gte=1)
            ),
            models.CheckConstraint(
                name="placement_shoporder_released_was_paid",
                condition=Q(released_at=None) | Q(paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_shoporder_planned_was_released",
                condition=~Q(state__in=AFTER_RELEASE) | Q(released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_shoporder_signed_has_its_time",
                condition=Q(
                    state__in=AFTER_SIGNING,
                    shipped_at__isnull=False,
                    signed_at__isnull=False,
                    confirm_at__isnull=False,
                )
                | Q(~Q(state__in=AFTER_SIGNING), signed_at=None, confirm_at=None),
            ),
            models.CheckConstraint(
                name="placement_shoporder_only_signed_ones_wait",
                condition=Q(state=ShopOrderState.SIGNED) | Q(next_attempt_at=None),
            ),
            models.CheckConstraint(
                name="placement_shoporder_completed_has_its_time",
                condition=Q(state=ShopOrderState.COMPLETED, completed_at__isnull=False)
                | Q(~Q(state=ShopOrderState.COMPLETED), completed_at=None),
            ),
            models.CheckConstraint(
                name="placement_shoporder_closed_has_its_time",
                condition=Q(state=ShopOrderState.CLOSED, closed_at__isnull=False)
                | Q(~Q(state=ShopOrderState.CLOSED), closed_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "state", "-placed_at", "-id"], name="placement_shoporder_shop"
            ),
            models.Index(fields=["shop", "-placed_at", "-id"], name="placement_shoporder_shop_all"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="placement_shoporder_to_confirm",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number
