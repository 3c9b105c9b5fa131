"""The kinds of prices for a time."""

from django.db import models

from core.http.enums import offered


@offered
class ActivityKind(models.TextChoices):
    """How an activity sells."""

    FLASH = "FLASH", "Flash sale|秒杀"
    GROUP = "GROUP", "Group buy|拼团"
    PRESALE = "PRESALE", "Pre-sale|预售"
    PRICE = "PRICE", "Campaign price|活动价"


# A deposit is at most a fifth of what a piece costs in all (Civil Code of China, article 586).
DEPOSIT_TIMES_MIN = 5
# These price a SKU by themselves while they run; the others only for who asks by reference.
BY_ITSELF = (ActivityKind.FLASH, ActivityKind.PRICE)
