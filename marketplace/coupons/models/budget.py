"""The money that pays for coupons."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.quotas.models import Quota
from marketplace.coupons.domain.kinds import BUDGETED, Funder


class CouponBudget(models.Model):
    """Somebody's money for coupons. How much of it is left stands in its quota, nowhere else."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    funder = models.CharField(max_length=12, choices=Funder.choices)
    organisation = models.CharField(max_length=80, default="", blank=True)
    quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")
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
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="coupons_couponbudget_newest")]

    def __str__(self) -> str:
        return self.name
