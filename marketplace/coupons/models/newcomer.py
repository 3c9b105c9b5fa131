"""Who is no newcomer any more."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PurchaseCount(models.Model):
    """How many paid orders somebody has that stand; whoever has none is a newcomer."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    orders = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coupons_purchasecount_is_never_negative", condition=Q(orders__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} has {self.orders} paid orders"
