"""Bodies with a region, and who does what for the platform."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.accounts.domain.roles import Role
from core.accounts.models.user import User


class Organisation(models.Model):
    """A body that people belong to; its region is a subtree, or the whole country when empty."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    region = models.CharField(max_length=6, default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_organisation_region_is_a_code",
                condition=Q(region="") | Q(region__regex=r"^[0-9]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleMembership(models.Model):
    """Somebody holds a role, for an organisation's region or, without one, for all of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="accounts_rolemembership_held_once_at_a_time",
                fields=["user", "role", "organisation"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="accounts_rolemembership_window_is_forward",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.role
