"""Brands of counties: which kinds there are, and the life of one."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class BrandKind(models.TextChoices):
    """What a brand is to its county."""

    FLAGSHIP = "FLAGSHIP", "The county's one flagship|一县一品旗舰品牌"
    REGIONAL = "REGIONAL", "A regional brand|区域公用品牌"


@offered
class BrandState(models.TextChoices):
    """Where a brand stands."""

    ACTIVE = "ACTIVE", "In use|使用中"
    RETIRED = "RETIRED", "Retired|已停用"


BRAND = Machine("regional_brand", {(BrandState.ACTIVE, "retire"): BrandState.RETIRED})
