"""What kind of goods there are, and the life of a product."""

from django.db.models import TextChoices

from core.http.enums import offered
from core.states import Machine
from shops.storefronts.domain import licensing


@offered
class ProductClass(TextChoices):
    """Which law the goods fall under (`domain.md` 2.10)."""

    RAW_PRODUCE = licensing.RAW_PRODUCE, "Raw produce|初级农产品"
    PREPACKAGED = licensing.PREPACKAGED, "Pre-packaged food|预包装食品"
    PROCESSED = licensing.PROCESSED, "Bulk or processed food|散装或加工食品"
    HANDICRAFT = licensing.HANDICRAFT, "Handicraft|手工艺品"


@offered
class TempClass(TextChoices):
    """How warm the goods may travel; different classes are different parcels."""

    AMBIENT = "AMBIENT", "Ambient|常温"
    CHILLED = "CHILLED", "Chilled|冷藏"
    FROZEN = "FROZEN", "Frozen|冷冻"


@offered
class ReturnClass(TextChoices):
    """Whether seven-day returns without a reason apply (`domain.md` 2.9)."""

    EXCLUDED = "EXCLUDED", "No return without a reason|不支持七天无理由退货"
    EXCLUDED_IF_CONFIRMED = (
        "EXCLUDED_IF_CONFIRMED",
        "No return once the buyer has agreed|经买家确认后不支持七天无理由退货",
    )
    ALLOWED = "ALLOWED", "Seven-day return|支持七天无理由退货"


@offered
class ProductState(TextChoices):
    """Where a product stands."""

    DRAFT = "DRAFT", "Draft|草稿"
    PUBLISHED = "PUBLISHED", "On sale|在售"
    WITHDRAWN = "WITHDRAWN", "Withdrawn|已下架"


PRODUCT = Machine(
    subject="product",
    transitions={
        (ProductState.DRAFT, "publish"): ProductState.PUBLISHED,
        (ProductState.WITHDRAWN, "publish"): ProductState.PUBLISHED,
        (ProductState.PUBLISHED, "withdraw"): ProductState.WITHDRAWN,
    },
)
