"""What guards the console's door besides a password."""

from django.db import models
from django.db.models import F, Q

from core.accounts.domain.guarding import CountKind, CountState, FactorState
from core.accounts.models.user import User
from core.accounts.sealing import SealedTextField


class SecondFactor(models.Model):
    """A secret that somebody's phone shares with us; each of its codes works once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="second_factors")
    state = models.CharField(max_length=8, choices=FactorState.choices)
    # In hexadecimal.
    secret = SealedTextField(null=True)
    last_step = models.BigIntegerField(default=0)
    offered_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="accounts_secondfactor_one_per_user",
                fields=["user"],
                condition=~Q(state=FactorState.REMOVED),
            ),
            models.CheckConstraint(
                name="accounts_secondfactor_secret_ends_with_it",
                condition=Q(state=FactorState.REMOVED, secret__isnull=True)
                | (~Q(state=FactorState.REMOVED) & Q(secret__isnull=False)),
            ),
            models.CheckConstraint(
                name="accounts_secondfactor_active_was_confirmed",
                condition=~Q(state=FactorState.ACTIVE) | Q(confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} since {self.offered_at:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """A code on paper that stands in for a lost phone, once; kept only as its digest."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "used" if self.used_at else "unused"


class SignInCount(models.Model):
    """How often the console's door was tried lately, for one account or from one address."""

    kind = models.CharField(max_length=7, choices=CountKind.choices)
    # An index of what was typed, so that no row says which names were tried.
    key = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=8, choices=CountState.choices)
    failures = models.PositiveSmallIntegerField()
    counted_from = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="accounts_signincount_counted_once", fields=["kind", "key"]
            ),
            models.CheckConstraint(
                name="accounts_signincount_lock_has_its_end",
                condition=Q(state=CountState.LOCKED, locked_until__isnull=False)
                | Q(state=CountState.COUNTING, locked_until__isnull=True),
            ),
            models.CheckConstraint(
                name="accounts_signincount_lock_is_forward",
                condition=Q(locked_until__isnull=True) | Q(locked_until__gt=F("counted_from")),
            ),
        ]
        indexes = [models.Index(name="accounts_signincount_by_age", fields=["counted_from"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.address or self.user_id or ''}".strip()
