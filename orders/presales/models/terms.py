"""What a shop promises to those who buy before the goods are there."""

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual

from core.money import BASIS_POINTS
from marketplace.activities.models import Activity
from orders.presales.domain.arithmetic import REASON_CHARACTERS_MAX
from orders.presales.domain.states import DefaultRule, PresaleKind, PresaleState


class PresaleTerms(models.Model):
    """How a pre-sale is paid, when it is sent, and what becomes of it if it cannot be.

    Price, pieces and deposit are the activity's. `pieces` and `piece_net_g` are those of the day it
    was planned: together never more than the forecast harvest allows.
    """

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=PresaleState.OPEN)
    ship_from = models.DateTimeField()
    ship_until = models.DateTimeField()
    balance_from = models.DateTimeField(null=True)
    balance_until = models.DateTimeField(null=True)

    # Of a harvest: what it is forecast to bring, and the share of it that may be sold before.
    forecast_g = models.BigIntegerField(null=True)
    factor_bp = models.PositiveIntegerField(null=True)
    pieces = models.BigIntegerField()
    piece_net_g = models.BigIntegerField()

    default_rule = models.CharField(max_length=10)
    # For each piece, beside what goes back; under DOUBLE the deposit once more.
    compensation_fen = models.BigIntegerField()
    default_reason = models.CharField(max_length=REASON_CHARACTERS_MAX, default="", blank=True)
    defaulted_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="presales_presaleterms_balance_belongs_to_deposits",
                condition=Q(kind=PresaleKind.FULL_PAY, balance_from=None, balance_until=None)
                | Q(
                    kind=PresaleKind.DEPOSIT,
                    balance_from__isnull=False,
                    balance_until__gt=F("balance_from"),
                    ship_from__gte=F("balance_from"),
                ),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_shipping_is_forward",
                condition=Q(ship_from__lt=F("ship_until")),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_promises_within_forecast",
                condition=Q(forecast_g=None, factor_bp=None)
                | (
                    Q(forecast_g__gt=0, factor_bp__range=(1, BASIS_POINTS))
                    & Q(
                        GreaterThanOrEqual(
                            F("forecast_g") * F("factor_bp"),
                            F("pieces") * F("piece_net_g") * BASIS_POINTS,
                        )
                    )
                ),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_pieces_weigh_something",
                condition=Q(pieces__gte=1, piece_net_g__gte=0),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_double_is_for_deposits",
                condition=Q(
                    default_rule=DefaultRule.DOUBLE,
                    kind=PresaleKind.DEPOSIT,
                    compensation_fen__gte=1,
                )
                | Q(default_rule=DefaultRule.SINGLE, compensation_fen__gte=0),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_default_has_its_time",
                condition=Q(state=PresaleState.OPEN, defaulted_at=None, settled_at=None)
                | Q(
                    state=PresaleState.DEFAULTED,
                    defaulted_at__isnull=False,
                    settled_at=None,
                )
                | Q(
                    state=PresaleState.SETTLED,
                    defaulted_at__isnull=False,
                    settled_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="presales_presaleterms_only_defaulted_ones_are_due",
                condition=Q(state=PresaleState.DEFAULTED) | Q(next_attempt_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="presales_presaleterms_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"pre-sale {self.kind}"
