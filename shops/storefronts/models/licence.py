"""The papers of a shop."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.accounts.sealing import SealedTextField
from core.uploads.models import Upload
from shops.storefronts.domain.licensing import LicenceKind
from shops.storefronts.domain.states import LicenceState
from shops.storefronts.models.shop import Shop


class Licence(models.Model):
    """One paper, its number sealed because an identity card is one of them."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="licences")
    kind = models.CharField(max_length=20, choices=LicenceKind.choices)
    number = SealedTextField(default="", blank=True)
    number_index = models.CharField(max_length=64, default="", blank=True, editable=False)
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=8, choices=LicenceState.choices, default=LicenceState.PENDING, editable=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="storefronts_licence_state_is_known",
                condition=Q(state__in=LicenceState.values),
            ),
            models.CheckConstraint(
                name="storefronts_licence_window_is_forward",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="storefronts_licence_runs_out_only_with_an_end",
                condition=Q(valid_until__isnull=False)
                | ~Q(state__in=[LicenceState.EXPIRING, LicenceState.EXPIRED]),
            ),
        ]
        indexes = [
            models.Index(
                name="storefronts_licence_by_end",
                fields=["valid_until"],
                condition=Q(
                    state__in=[LicenceState.PENDING, LicenceState.VALID, LicenceState.EXPIRING],
                    valid_until__isnull=False,
                ),
            ),
            models.Index(
                name="storefronts_licence_by_number",
                fields=["kind", "number_index"],
                condition=~Q(number_index=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
