"""An order: one buyer, one payment, one address."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.accounts.sealing import SealedTextField
from orders.placement.domain.states import OrderState, WaitsFor

PAID_STATES = (OrderState.PAID, OrderState.COMPLETED, OrderState.CLOSED)


class Order(models.Model):
    """What somebody orders from one or several shops and pays at once."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=16, unique=True)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    basket = models.ForeignKey(
        "baskets.Basket", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    basket_version = models.PositiveBigIntegerField(null=True)
    state = models.CharField(max_length=20, default=OrderState.PENDING_PAYMENT)

    # What must come besides the money before the goods may go; the room above that asked for it
    # has its say whenever the order moves (`services/waiting.py`).
    waits_for = models.CharField(max_length=10, default=WaitsFor.NOTHING)

    goods_fen = models.PositiveBigIntegerField()
    discount_fen = models.PositiveBigIntegerField()
    freight_fen = models.PositiveBigIntegerField()
    payable_fen = models.PositiveBigIntegerField()
    # What of it is due first; the rest is the balance, due in a window of its own.
    deposit_fen = models.PositiveBigIntegerField(default=0)
    balance_from = models.DateTimeField(null=True)
    balance_until = models.DateTimeField(null=True)
    deposit_paid_at = models.DateTimeField(null=True)
    deposit_through = models.CharField(max_length=20, default="")

    # The address as it was that day: later edits of the address book do not move parcels.
    recipient = SealedTextField()
    phone = SealedTextField()
    street = SealedTextField()
    region = models.CharField(max_length=6)
    remark = models.CharField(max_length=200, default="")

    placed_at = models.DateTimeField()
    pay_before = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    # When it became a sale: paid, and whatever it waited for has come. Reports count by this.
    sold_at = models.DateTimeField(null=True)
    # The payment provider that took the money; empty where nothing was to be paid.
    paid_through = models.CharField(max_length=20, default="")
    cancelled_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "basket_version"],
                name="placement_order_basket_is_ordered_once",
            ),
            models.CheckConstraint(
                name="placement_order_basket_comes_with_version",
                condition=Q(basket=None, basket_version=None)
                | Q(basket__isnull=False, basket_version__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_order_state_is_known", condition=Q(state__in=OrderState.values)
            ),
            models.CheckConstraint(
                name="placement_order_payable_adds_up",
                condition=Q(payable_fen=F("goods_fen") - F("discount_fen") + F("freight_fen")),
            ),
            models.CheckConstraint(
                name="placement_order_discount_within_goods",
                condition=Q(discount_fen__lte=F("goods_fen")),
            ),
            models.CheckConstraint(
                name="placement_order_paid_has_its_time",
                condition=Q(state__in=PAID_STATES, paid_at__isnull=False)
                | Q(~Q(state__in=PAID_STATES), paid_at=None),
            ),
            models.CheckConstraint(
                name="placement_order_waits_for_something_known",
                condition=Q(waits_for__in=WaitsFor.values),
            ),
            models.CheckConstraint(
                name="placement_order_sold_once_paid",
                condition=Q(sold_at=None) | Q(paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_order_without_waiting_is_sold_by_being_paid",
                condition=~Q(waits_for=WaitsFor.NOTHING)
                | Q(paid_at=None, sold_at=None)
                | Q(paid_at__isnull=False, sold_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_order_completed_was_sold",
                condition=~Q(state=OrderState.COMPLETED) | Q(sold_at__isnull=False),
            ),
            *(
                models.CheckConstraint(
                    name=f"placement_order_{state.lower()}_has_its_time",
                    condition=Q(state=state, **{f"{state.lower()}_at__isnull": False})
                    | Q(~Q(state=state), **{f"{state.lower()}_at": None}),
                )
                for state in (OrderState.CANCELLED, OrderState.COMPLETED, OrderState.CLOSED)
            ),
            models.CheckConstraint(
                name="placement_order_deposit_comes_with_its_balance",
                condition=Q(deposit_fen=0, balance_from=None, balance_until=None)
                | Q(
                    deposit_fen__gt=0,
                    deposit_fen__lte=F("payable_fen"),
                    waits_for=WaitsFor.PRESALE,
                    balance_from__gt=F("placed_at"),
                    balance_until__gt=F("balance_from"),
                ),
            ),
            models.CheckConstraint(
                name="placement_order_deposit_paid_has_its_provider",
                condition=Q(deposit_paid_at=None, deposit_through="")
                | (Q(deposit_paid_at__isnull=False, deposit_fen__gt=0) & ~Q(deposit_through="")),
            ),
            models.CheckConstraint(
                name="placement_order_balance_never_before_deposit",
                condition=Q(deposit_fen=0) | Q(paid_at=None) | Q(deposit_paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_order_deadline_is_ahead",
                condition=Q(pay_before__gt=F("placed_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-placed_at", "-id"], name="placement_order_of_buyer"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="placement_order_unpaid",
                condition=Q(state=OrderState.PENDING_PAYMENT),
            ),
            models.Index(
                fields=["paid_at"],
                name="placement_order_paid_at",
                condition=Q(paid_at__isnull=False),
            ),
            models.Index(
                fields=["sold_at"],
                name="placement_order_sold_at",
                condition=Q(sold_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def balance_fen(self) -> int:
        """What is due after the deposit; all of it where there is none."""
        return self.payable_fen - self.deposit_fen

    @property
    def is_free(self) -> bool:
        """Whether nothing is to be paid, so that no provider is asked."""
        return self.payable_fen == 0
