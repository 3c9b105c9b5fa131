"""The money that pays for coupons, and how much of it a day may take."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.accounts.models import Organisation
from core.quotas.models import Quota
from marketplace.coupons.domain.kinds import BUDGETED, FOREIGN, Funder


class CouponBudget(models.Model):
    """Somebody's money for coupons. How much of it is left stands in its quota, nowhere else."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    funder = models.CharField(max_length=12, choices=Funder.choices)
    # Whose money it is; the platform's own may be without.
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")
    # How much may be committed on one day in China; nothing is as much as there is.
    daily_cap_fen = models.BigIntegerField(null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coupons_couponbudget_is_never_of_a_shop",
                condition=Q(funder__in=BUDGETED),
            ),
            models.CheckConstraint(name="coupons_couponbudget_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="coupons_couponbudget_foreign_money_has_an_owner",
                condition=~Q(funder__in=FOREIGN) | Q(organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="coupons_couponbudget_cap_is_of_something",
                condition=Q(daily_cap_fen__isnull=True) | Q(daily_cap_fen__gt=0),
            ),
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="coupons_couponbudget_newest")]

    def __str__(self) -> str:
        return self.name


class BudgetDay(models.Model):
    """What one day in China may commit of a budget: a quota of its own, drawn on beside it."""

    budget = models.ForeignKey(
        CouponBudget, on_delete=models.PROTECT, related_name="days", db_index=False
    )
    day = models.DateField()
    quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="coupons_budgetday_opened_once", fields=["budget", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} of budget {self.budget_id}"
