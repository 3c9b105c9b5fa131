"""Where somebody wants things delivered."""

import uuid

from django.db import models
from django.db.models import Q

from core.accounts.models.user import User
from core.accounts.sealing import SealedTextField


class Address(models.Model):
    """A place a parcel can go to; who lives there is readable only by its owner and the carrier."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    recipient = SealedTextField()
    phone = SealedTextField()
    region = models.CharField(max_length=6)
    street = SealedTextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="accounts_address_one_default_per_user",
                fields=["user"],
                condition=Q(is_default=True),
            ),
            models.CheckConstraint(
                name="accounts_address_region_is_a_code", condition=Q(region__regex=r"^[0-9]{6}$")
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)
