"""Dispatch holds: no goods to or from a region, or only later; the life of one, as a table."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class HoldKind(models.TextChoices):
    """What a hold does to goods that would travel."""

    NO_SHIP = "NO_SHIP", "Nothing is sent|暂停收发"
    DELAY = "DELAY", "Sent, but later|延迟发货"


@offered
class HoldState(models.TextChoices):
    """Where a hold stands; it counts only inside its window."""

    SET = "SET", "Set|已设置"
    LIFTED = "LIFTED", "Lifted|已解除"


HOLD = Machine("dispatch_hold", {(HoldState.SET, "lift"): HoldState.LIFTED})
