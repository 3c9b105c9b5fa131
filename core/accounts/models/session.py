"""Being signed in: a family of tokens that lives and is revoked together."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.accounts.models.user import User
from core.http.enums import offered


@offered
class Ending(models.TextChoices):
    """Why a session ended before its time."""

    SIGNED_OUT = "SIGNED_OUT", "Signed out|已退出登录"
    REUSED = "REUSED", "A refresh token was used twice|刷新凭证被重复使用"
    WITHDRAWN = "WITHDRAWN", "Ended by the market|被平台终止"


class Session(models.Model):
    """One sign-in on one device."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, choices=Ending.choices, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_session_ending_has_its_instant",
                condition=Q(revoked_at__isnull=True, ending="")
                | (Q(revoked_at__isnull=False) & ~Q(ending="")),
            ),
            models.CheckConstraint(
                name="accounts_session_window_is_forward",
                condition=Q(opened_at__lt=F("expires_at")),
            ),
        ]
        indexes = [models.Index(name="accounts_session_by_expiry", fields=["expires_at"])]

    def __str__(self) -> str:
        return str(self.reference)


class TokenKind(models.TextChoices):
    """What a token is for."""

    ACCESS = "ACCESS", "Access|访问凭证"
    REFRESH = "REFRESH", "Refresh|刷新凭证"


class Token(models.Model):
    """A secret we gave out, kept only as its digest."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=7, choices=TokenKind.choices)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_token_only_refresh_is_used_up",
                condition=Q(kind=TokenKind.REFRESH) | Q(used_at__isnull=True),
            ),
        ]
        indexes = [models.Index(name="accounts_token_by_expiry", fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_at:%Y-%m-%d %H:%M}"
