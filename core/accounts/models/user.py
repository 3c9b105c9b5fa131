"""Somebody who uses the market."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from core.accounts.sealing import SealedTextField


class UserManager(BaseUserManager["User"]):
    """What the framework's own commands need to find and make console users."""

    def create_superuser(self, username: str, password: str, **extra: object) -> "User":
        user = self.model(username=username, is_staff=True, is_superuser=True, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person: signs in by phone and code, or, for the console, by name and password."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=150, unique=True, null=True, blank=True)
    name = models.CharField(max_length=60, default="", blank=True)
    phone = SealedTextField(null=True, blank=True)
    phone_index = models.CharField(
        max_length=64, null=True, blank=True, unique=True, editable=False
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True)
    # Raised when whoever is signed in to the console must sign in again.
    console_turn = models.PositiveIntegerField(default=0, db_default=0)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_user_phone_has_its_index",
                condition=Q(phone__isnull=True, phone_index__isnull=True)
                | Q(phone__isnull=False, phone_index__isnull=False),
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """Return what a console session must agree with: the password, and whose turn it is."""
        return self._in_this_turn(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under the secrets that were in force before."""
        return map(self._in_this_turn, super().get_session_auth_fallback_hash())

    def _in_this_turn(self, digest: str) -> str:
        return hashlib.sha256(f"{digest} {self.console_turn}".encode()).hexdigest()

    def __str__(self) -> str:
        return self.name or str(self.reference)
