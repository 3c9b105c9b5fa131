"""Which papers a seller needs: `domain.md` 2.10 as a table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import models

from core.http.enums import offered


@offered
class ShopKind(models.TextChoices):
    """Who sells."""

    FARMER = "FARMER", "Farmer selling own produce|自产自销农户"
    HOUSEHOLD = "HOUSEHOLD", "Family farm|家庭农场"
    COOPERATIVE = "COOPERATIVE", "Cooperative|农民专业合作社"
    SOLE_TRADER = "SOLE_TRADER", "Sole trader|个体工商户"
    COMPANY = "COMPANY", "Company|企业"


@offered
class Fulfilment(models.TextChoices):
    """Who brings the parcels to the carrier."""

    PLATFORM = "PLATFORM", "The platform arranges pick-up|平台安排揽收"
    SELF = "SELF", "The shop posts its parcels|商家自行发货"


@offered
class MemberRole(models.TextChoices):
    """What somebody is in a shop."""

    OWNER = "OWNER", "Owner|店主"
    STAFF = "STAFF", "Staff|店员"


@offered
class LicenceKind(models.TextChoices):
    """The papers there are."""

    IDENTITY = "IDENTITY", "Identity card|身份证"
    ORIGIN_DECLARATION = "ORIGIN_DECLARATION", "Declaration of own produce|自产自销声明"
    BUSINESS_LICENCE = "BUSINESS_LICENCE", "Business licence|营业执照"
    FOOD_FILING = "FOOD_FILING", "Filing for pre-packaged food|预包装食品备案"
    FOOD_PERMIT = "FOOD_PERMIT", "Food-trade permit|食品经营许可证"


RAW_PRODUCE, PREPACKAGED, PROCESSED, HANDICRAFT = (
    "RAW_PRODUCE",
    "PREPACKAGED",
    "PROCESSED",
    "HANDICRAFT",
)

_OWN_PRODUCE: Mapping[str, frozenset[LicenceKind] | None] = {
    RAW_PRODUCE: frozenset({LicenceKind.IDENTITY, LicenceKind.ORIGIN_DECLARATION}),
    PREPACKAGED: frozenset({LicenceKind.BUSINESS_LICENCE, LicenceKind.FOOD_FILING}),
    PROCESSED: None,
    HANDICRAFT: frozenset({LicenceKind.IDENTITY}),
}
_OTHERS: Mapping[str, frozenset[LicenceKind] | None] = {
    RAW_PRODUCE: frozenset({LicenceKind.BUSINESS_LICENCE}),
    PREPACKAGED: frozenset({LicenceKind.BUSINESS_LICENCE, LicenceKind.FOOD_FILING}),
    PROCESSED: frozenset({LicenceKind.BUSINESS_LICENCE, LicenceKind.FOOD_PERMIT}),
    HANDICRAFT: frozenset({LicenceKind.BUSINESS_LICENCE}),
}


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing a shop must have before it can open."""

    code: str
    is_done: bool
    en: str
    zh: str

    def said(self) -> dict[str, object]:
        """Return it as it is shown, in both languages."""
        label = {"en": self.en, "zh-Hans": self.zh}
        return {"code": self.code, "is_done": self.is_done, "label": label}


def to_sell(kind: str, product_class: str) -> frozenset[LicenceKind] | None:
    """Return the papers a seller needs for a class of goods; None where it may never sell them."""
    table = _OWN_PRODUCE if kind == ShopKind.FARMER else _OTHERS
    return table[product_class]


def to_open(kind: str) -> tuple[LicenceKind, ...]:
    """Return the papers a seller needs to open at all, in the order they are asked for."""
    needed = to_sell(kind, RAW_PRODUCE) or frozenset()
    return tuple(paper for paper in LicenceKind if paper in needed)


def checklist(kind: str, held: Collection[str]) -> list[ChecklistItem]:
    """Return what a shop needs to open and whether it has it."""
    return [
        ChecklistItem(paper.value, paper.value in held, *_SENTENCES[paper])
        for paper in to_open(kind)
    ]


_SENTENCES: Mapping[LicenceKind, tuple[str, str]] = {
    LicenceKind.IDENTITY: (
        "Take a photo of your identity card and hand it in.",
        "请拍摄并上传您的身份证照片。",
    ),
    LicenceKind.ORIGIN_DECLARATION: (
        "Declare that you sell what you grow yourself.",
        "请提交自产自销声明，说明所售农产品由您自己种养。",
    ),
    LicenceKind.BUSINESS_LICENCE: (
        "Take a photo of your business licence and hand it in.",
        "请拍摄并上传营业执照照片。",
    ),
    LicenceKind.FOOD_FILING: (
        "Hand in the filing for selling pre-packaged food.",
        "请上传仅销售预包装食品备案凭证。",
    ),
    LicenceKind.FOOD_PERMIT: (
        "Hand in your food-trade permit.",
        "请上传食品经营许可证。",
    ),
}
