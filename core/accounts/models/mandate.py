"""Who may act for whom, in what, until when."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.accounts.domain.roles import Scope
from core.accounts.models.user import User


class Mandate(models.Model):
    """The principal lets an agent act in some scopes, for at most a year."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    principal = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mandates_given")
    agent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mandates_held")
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices))
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_mandate_is_for_another", condition=~Q(principal=F("agent"))
            ),
            models.CheckConstraint(
                name="accounts_mandate_window_is_forward",
                condition=Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="accounts_mandate_scopes_are_known",
                condition=Q(scopes__contained_by=[scope.value for scope in Scope])
                & Q(scopes__len__gt=0),
            ),
        ]
        indexes = [
            models.Index(
                name="accounts_mandate_by_agent",
                fields=["agent", "principal"],
                condition=Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)
