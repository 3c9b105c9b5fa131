"""The steps of the price pipeline that take something off, in their order (`domain.md` 2.1)."""

from django.db.models import TextChoices

from core.http.enums import offered


@offered
class Step(TextChoices):
    """Where in the pipeline something is taken off; the order here is that of the pipeline."""

    DEPOSIT_WORTH = "DEPOSIT_WORTH", "Deposit worth more|定金膨胀"
    SHOP_REDUCTION = "SHOP_REDUCTION", "Shop's full reduction|店铺满减"
    SHOP_COUPON = "SHOP_COUPON", "Shop coupon|店铺券"
    PLATFORM_COUPON = "PLATFORM_COUPON", "Platform coupon|平台券"
    SHOP_FREIGHT = "SHOP_FREIGHT", "Shop's freight coupon|店铺运费券"
    PLATFORM_FREIGHT = "PLATFORM_FREIGHT", "Platform's freight coupon|平台运费券"


# What is taken off goods, and what is taken off freight: they never mix on a line.
ON_GOODS = (Step.DEPOSIT_WORTH, Step.SHOP_REDUCTION, Step.SHOP_COUPON, Step.PLATFORM_COUPON)
ON_FREIGHT = (Step.SHOP_FREIGHT, Step.PLATFORM_FREIGHT)
# What a shop takes off by itself, and bears alone.
BY_SHOPS = (Step.DEPOSIT_WORTH, Step.SHOP_REDUCTION, Step.SHOP_COUPON, Step.SHOP_FREIGHT)
BY_COUPONS = (
    Step.SHOP_COUPON,
    Step.PLATFORM_COUPON,
    Step.SHOP_FREIGHT,
    Step.PLATFORM_FREIGHT,
)
ORDER: dict[str, int] = {step: place for place, step in enumerate(Step.values)}
