"""The kinds of campaigns."""

from django.db import models

from core.http.enums import offered


@offered
class CampaignKind(models.TextChoices):
    """What a campaign is held for."""

    FESTIVAL = "FESTIVAL", "Shopping festival|购物节"
    SEASON = "SEASON", "Harvest season|应季上新"
    AID = "AID", "For a region or a programme|助农专场"
    DAILY = "DAILY", "Promotion of the day|日常促销"
