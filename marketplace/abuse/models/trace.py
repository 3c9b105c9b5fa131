"""What one deed left behind: hashes under a key, and what was thought of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.abuse.domain.rules import Code, Deed, Outcome

_HASH_OR_NOTHING = r"^([0-9a-f]{64})?$"


class Trace(models.Model):
    """A claim or an order with the marks of whoever did it; nothing personal can be read here."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deed = models.CharField(max_length=5, choices=Deed.choices)
    # The batch of a claim, or the order.
    subject = models.UUIDField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    device = models.CharField(max_length=64, default="", blank=True)
    network = models.CharField(max_length=64, default="", blank=True)
    recipient = models.CharField(max_length=64, default="", blank=True)
    address = models.CharField(max_length=64, default="", blank=True)
    is_as_newcomer = models.BooleanField(default=False)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    code = models.CharField(max_length=20, choices=Code.choices, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="abuse_trace_keeps_hashes_only",
                condition=Q(
                    device__regex=_HASH_OR_NOTHING,
                    network__regex=_HASH_OR_NOTHING,
                    recipient__regex=_HASH_OR_NOTHING,
                    address__regex=_HASH_OR_NOTHING,
                ),
            ),
            models.CheckConstraint(
                name="abuse_trace_refused_is_never_kept",
                # A refusal undoes the whole deed, its trace included.
                condition=Q(outcome=Outcome.ALLOW, code="")
                | (Q(outcome=Outcome.REVIEW) & ~Q(code="")),
            ),
            models.CheckConstraint(
                name="abuse_trace_deed_is_known", condition=Q(deed__in=Deed.values)
            ),
        ]
        indexes = [
            models.Index(name="abuse_trace_of_user", fields=["user", "at"]),
            models.Index(
                name="abuse_trace_by_device", fields=["device", "at"], condition=~Q(device="")
            ),
            models.Index(
                name="abuse_trace_by_network", fields=["network", "at"], condition=~Q(network="")
            ),
            models.Index(
                name="abuse_trace_by_recipient",
                fields=["recipient", "at"],
                condition=~Q(recipient=""),
            ),
            models.Index(
                name="abuse_trace_by_address", fields=["address", "at"], condition=~Q(address="")
            ),
            models.Index(
                name="abuse_trace_to_look_at",
                fields=["at"],
                condition=Q(outcome=Outcome.REVIEW),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.subject}"
