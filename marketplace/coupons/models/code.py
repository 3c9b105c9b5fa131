"""Codes that each give one coupon, and how far they have been made."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.accounts.sealing import SealedTextField
from marketplace.coupons.domain.states import CodeRunState
from marketplace.coupons.models.batch import CouponBatch


class CodeRun(models.Model):
    """The making of a batch's codes: how many are wanted, and how many stand already."""

    batch = models.OneToOneField(CouponBatch, on_delete=models.PROTECT, related_name="code_run")
    # What every code of the batch is made from; whoever reads the database cannot make one.
    secret = SealedTextField()
    state = models.CharField(
        max_length=10, choices=CodeRunState.choices, default=CodeRunState.WRITING
    )
    wanted = models.IntegerField()
    written = models.IntegerField(default=0)
    next_number = models.IntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coupons_coderun_never_writes_too_many",
                condition=Q(written__gte=0, written__lte=F("wanted")),
            ),
            models.CheckConstraint(
                name="coupons_coderun_numbers_go_on",
                condition=Q(next_number__gte=F("written")),
            ),
            models.CheckConstraint(
                name="coupons_coderun_written_is_whole_and_dated",
                condition=Q(
                    state=CodeRunState.WRITTEN, written=F("wanted"), written_at__isnull=False
                )
                | (~Q(state=CodeRunState.WRITTEN) & Q(written_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["started_at", "id"],
                condition=Q(state=CodeRunState.WRITING),
                name="coupons_coderun_to_be_written",
            ),
        ]

    def __str__(self) -> str:
        return f"codes of batch {self.batch_id}"


class CouponCode(models.Model):
    """A code that gives one coupon of its batch; only a keyed fingerprint of it is kept."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.IntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_couponcode_numbered_once", fields=["batch", "number"]
            ),
            models.UniqueConstraint(name="coupons_couponcode_names_one_batch", fields=["digest"]),
            models.CheckConstraint(
                name="coupons_couponcode_is_kept_as_a_digest",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.number} of batch {self.batch_id}"
