"""The lives of what guards the console's door: second factors, and counts of failed sign-ins."""

from django.db import models

from core.states import Machine


class FactorState(models.TextChoices):
    """How far a second factor is."""

    OFFERED = "OFFERED", "Offered|待确认"
    ACTIVE = "ACTIVE", "Active|已启用"
    REMOVED = "REMOVED", "Removed|已移除"


FACTOR = Machine(
    "second factor",
    {
        (FactorState.OFFERED, "confirm"): FactorState.ACTIVE,
        (FactorState.OFFERED, "abandon"): FactorState.REMOVED,
        (FactorState.ACTIVE, "remove"): FactorState.REMOVED,
    },
)


class CountKind(models.TextChoices):
    """What failed sign-ins are counted against."""

    ACCOUNT = "ACCOUNT", "Account|账户"
    ADDRESS = "ADDRESS", "Address|网络地址"


class CountState(models.TextChoices):
    """Whether the door may still be tried."""

    COUNTING = "COUNTING", "Counting|计数中"
    LOCKED = "LOCKED", "Locked|已锁定"


COUNT = Machine(
    "sign-in count",
    {
        (CountState.COUNTING, "lock"): CountState.LOCKED,
        (CountState.LOCKED, "run_out"): CountState.COUNTING,
        (CountState.LOCKED, "unlock"): CountState.COUNTING,
    },
)
