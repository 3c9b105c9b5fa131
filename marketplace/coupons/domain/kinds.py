"""The words of a coupon: who issues it, what it takes off, who pays, where it counts."""

from django.db import models

from core.http.enums import offered


@offered
class Issuer(models.TextChoices):
    """Who hands a coupon out."""

    PLATFORM = "PLATFORM", "Platform coupon|平台券"
    SHOP = "SHOP", "Shop coupon|店铺券"


@offered
class CouponKind(models.TextChoices):
    """How a coupon lowers the price."""

    FULL_REDUCTION = "FULL_REDUCTION", "Money off above a threshold|满减"
    DIRECT = "DIRECT", "Money off|直减"
    DISCOUNT = "DISCOUNT", "Percentage off, capped|折扣"
    FREIGHT = "FREIGHT", "Off the freight only|运费券"
    NEW_USER = "NEW_USER", "Money off for new users|新人券"


@offered
class CommitMode(models.TextChoices):
    """When the budget of a coupon is set aside."""

    AT_CLAIM = "AT_CLAIM", "Set aside when claimed|领取时锁定预算"
    AT_USE = "AT_USE", "Set aside when used|使用时锁定预算"


@offered
class Funder(models.TextChoices):
    """Who bears a discount. The order here is the order in which every split is made."""

    PLATFORM = "PLATFORM", "Platform|平台"
    GOVERNMENT = "GOVERNMENT", "Government|政府"
    PARTNER = "PARTNER", "Partner|合作方"
    HOST = "HOST", "Live host|主播"
    SHOP = "SHOP", "Shop|商家"


# A coupon that comes back after its window lives on for no longer than a week.
GRACE_HOURS_MAX = 168

# Only these pay out of a budget; the part of a shop falls on the shop of each line.
BUDGETED = (Funder.PLATFORM, Funder.GOVERNMENT, Funder.PARTNER)
# Whose money is somebody else's, who may look at it.
FOREIGN = (Funder.GOVERNMENT, Funder.PARTNER)
FUNDER_ORDER: dict[str, int] = {funder: place for place, funder in enumerate(Funder.values)}


@offered
class ScopeBy(models.TextChoices):
    """By what a coupon chooses the goods it counts for."""

    SECTION = "SECTION", "Section|专区"
    REGION = "REGION", "Place of origin|产地"
    PROGRAMME = "PROGRAMME", "Programme|帮扶项目"
    CATEGORY = "CATEGORY", "Category|品类"
    PRODUCT = "PRODUCT", "Product|商品"
    SHOP = "SHOP", "Shop|店铺"
