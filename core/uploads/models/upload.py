"""A file somebody handed in, waiting to be referred to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.http.enums import offered


@offered
class Purpose(models.TextChoices):
    """What a file is for; only photos are public."""

    PHOTO = "PHOTO", "Photo|照片"
    LICENCE = "LICENCE", "Licence|证照"
    EVIDENCE = "EVIDENCE", "Evidence|凭证"


class Upload(models.Model):
    """A file as we keep it: an image we wrote ourselves, or a document nobody else may read."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    media_type = models.CharField(max_length=20)
    path = models.CharField(max_length=120)
    thumb_path = models.CharField(max_length=120, default="", blank=True)
    size_bytes = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="uploads_upload_is_claimed_in_time",
                condition=Q(claimed_at__isnull=True) | Q(claimed_at__lt=F("expires_at")),
            ),
            models.CheckConstraint(
                name="uploads_upload_window_is_forward",
                condition=Q(uploaded_at__lt=F("expires_at")),
            ),
        ]
        indexes = [
            models.Index(
                name="uploads_upload_unclaimed",
                fields=["expires_at"],
                condition=Q(claimed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.reference}"
