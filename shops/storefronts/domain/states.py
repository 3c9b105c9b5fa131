"""The lives of shops and of their licences; what is not written here cannot happen."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class ShopState(models.TextChoices):
    """Where a shop stands."""

    DRAFT = "DRAFT", "Being prepared|准备中"
    IN_REVIEW = "IN_REVIEW", "In review|审核中"
    OPEN = "OPEN", "Open|营业中"
    REJECTED = "REJECTED", "Sent back|审核未通过"
    SUSPENDED = "SUSPENDED", "Suspended|已暂停"


@offered
class LicenceState(models.TextChoices):
    """Where a licence stands."""

    PENDING = "PENDING", "Waiting for review|待审核"
    VALID = "VALID", "Valid|有效"
    EXPIRING = "EXPIRING", "Runs out within 30 days|即将到期"
    EXPIRED = "EXPIRED", "Run out|已过期"
    REVOKED = "REVOKED", "Revoked|已撤销"


SHOP = Machine(
    subject="shop",
    transitions={
        (ShopState.DRAFT, "submit"): ShopState.IN_REVIEW,
        (ShopState.REJECTED, "submit"): ShopState.IN_REVIEW,
        (ShopState.IN_REVIEW, "approve"): ShopState.OPEN,
        (ShopState.IN_REVIEW, "reject"): ShopState.REJECTED,
        (ShopState.OPEN, "suspend"): ShopState.SUSPENDED,
        (ShopState.SUSPENDED, "reopen"): ShopState.OPEN,
    },
)

LICENCE = Machine(
    subject="licence",
    transitions={
        (LicenceState.PENDING, "accept"): LicenceState.VALID,
        (LicenceState.PENDING, "revoke"): LicenceState.REVOKED,
        (LicenceState.VALID, "revoke"): LicenceState.REVOKED,
        (LicenceState.EXPIRING, "revoke"): LicenceState.REVOKED,
        (LicenceState.VALID, "warn"): LicenceState.EXPIRING,
        (LicenceState.PENDING, "expire"): LicenceState.EXPIRED,
        (LicenceState.VALID, "expire"): LicenceState.EXPIRED,
        (LicenceState.EXPIRING, "expire"): LicenceState.EXPIRED,
    },
)
