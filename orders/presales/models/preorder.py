"""One order of a pre-sale."""

from django.db import models
from django.db.models import Q

from orders.presales.domain.states import HELD, OVER, PAID, PreorderState
from orders.presales.models.terms import PresaleTerms


class Preorder(models.Model):
    """Where an order stands between its deposit and its shipping, on the terms of its day.

    The order itself says what is due and when; stamps of payments are the provider's.
    """

    order = models.OneToOneField("placement.Order", on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(
        PresaleTerms, on_delete=models.PROTECT, related_name="preorders", db_index=False
    )
    state = models.CharField(max_length=12)
    quantity = models.PositiveIntegerField()
    ship_from = models.DateTimeField()
    ship_until = models.DateTimeField()
    # What the shop pays beside what goes back, if it cannot deliver.
    compensation_fen = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    deposit_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # When a default found it on its way already, so that it goes on.
    spared_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="presales_preorder_state_is_known", condition=Q(state__in=PreorderState.values)
            ),
            models.CheckConstraint(
                name="presales_preorder_quantity_is_positive", condition=Q(quantity__gte=1)
            ),
            models.CheckConstraint(
                name="presales_preorder_held_has_its_deposit",
                condition=~Q(state__in=(*HELD, PreorderState.FORFEITED))
                | Q(deposit_at__isnull=False, paid_at=None),
            ),
            models.CheckConstraint(
                name="presales_preorder_due_is_unpaid",
                condition=~Q(
                    state__in=(
                        PreorderState.WHOLE_DUE,
                        PreorderState.DEPOSIT_DUE,
                        PreorderState.CANCELLED,
                    )
                )
                | Q(deposit_at=None, paid_at=None),
            ),
            models.CheckConstraint(
                name="presales_preorder_paid_has_its_time",
                condition=~Q(state__in=PAID) | Q(paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="presales_preorder_refunded_was_paid",
                condition=~Q(state=PreorderState.REFUNDED)
                | Q(deposit_at__isnull=False)
                | Q(paid_at__isnull=False),
            ),
            models.CheckConstraint(
                name="presales_preorder_over_has_its_time",
                condition=Q(state__in=OVER, ended_at__isnull=False, next_attempt_at=None)
                | (~Q(state__in=OVER) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="presales_preorder_spared_goes_its_way",
                condition=Q(spared_at=None) | Q(state__in=PAID),
            ),
        ]
        indexes = [
            models.Index(fields=["terms", "state", "id"], name="presales_preorder_of_terms"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="presales_preorder_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"pre-order {self.pk}"
