"""What a batch of coupons may promise: every rule that can be judged before anything is stored."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.money import BASIS_POINTS
from marketplace.coupons.domain.kinds import BUDGETED, CommitMode, CouponKind, Funder, Issuer

# Each rule by its code, in both languages.
SENTENCES = {
    "REQUIRED": ("This is required.", "此项必填。"),
    "CODES_ARE_THE_PLATFORMS": (
        "Only the platform hands coupons out by codes.",
        "只有平台券可以使用兑换码发放。",
    ),
    "MISTYPED": (
        "A character of this code is wrong; please look again.",
        "兑换码有误，请核对后重新输入。",
    ),
    "NOT_FOR_THIS_KIND": (
        "A coupon of this kind does not have this.",
        "此类优惠券没有这一项。",
    ),
    "THRESHOLD_REQUIRED": (
        "A full reduction needs a threshold, in fen or in pieces.",
        "满减券必须设置门槛（金额或件数）。",
    ),
    "THRESHOLD_TWICE": (
        "Give the threshold in fen or in pieces, not both.",
        "门槛只能按金额或件数设置其一。",
    ),
    "CAP_REQUIRED": ("A percentage needs a cap.", "折扣券必须设置最高优惠金额。"),
    "WINDOW_NOT_FORWARD": ("The end must be later than the start.", "结束必须晚于开始。"),
    "USE_ENDS_BEFORE_CLAIMS": (
        "Coupons could still be claimed after they can no longer be used.",
        "使用截止时间不能早于领取截止时间。",
    ),
    "VALIDITY_REQUIRED": (
        "Say until when coupons are valid: use_until or days_after_claim.",
        "请填写使用截止时间或领取后有效天数。",
    ),
    "NEVER_USABLE": (
        "A coupon claimed early would run out before it may be used.",
        "较早领取的券在可用之前就会过期。",
    ),
    "FUNDING_NOT_WHOLE": (
        "The shares must sum to 10,000 basis points.",
        "各出资方比例之和必须为 10000（即 100%）。",
    ),
    "FUNDER_TWICE": ("Each funder may be named once.", "每个出资方只能出现一次。"),
    "BUDGET_REQUIRED": ("This funder pays out of a budget.", "该出资方必须指定预算。"),
    "NO_BUDGET_FOR_SHOPS": ("Shops pay without a budget.", "商家出资不使用预算。"),
    "BUDGET_OF_ANOTHER_FUNDER": (
        "This budget belongs to another funder.",
        "该预算属于其他出资方。",
    ),
    "SHOP_PAYS_ALONE": (
        "A shop bears its own coupons alone.",
        "店铺券只能由店铺自行承担。",
    ),
    "ISSUER_DOES_NOT_FIT": (
        "The platform issues its coupons here, a shop its own under the shop.",
        "平台券在此创建，店铺券请在店铺下创建。",
    ),
    "OUTSIDE_THE_SHOP": (
        "A shop's coupon counts for its own goods only.",
        "店铺券只能用于本店商品。",
    ),
    "UNKNOWN": ("There is no such thing.", "没有找到该项。"),
    "UNKNOWN_REGION": ("There is no region with this code.", "没有这个行政区划代码。"),
    "RETIRED_REGION": (
        "This region code is no longer in force.",
        "该行政区划代码已停用。",
    ),
    "ONLY_UPWARDS": ("This can only grow.", "此项只能增加。"),
    "ONLY_LATER": ("This can only be moved to a later time.", "此项只能延后。"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A rule that is broken: where (a JSON pointer) and which."""

    pointer: str
    code: str


@dataclass(frozen=True, slots=True)
class WantedScope:
    """What a batch is to be limited to, by outside names."""

    sections: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    products: tuple[UUID, ...] = ()
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedFunding:
    """A share somebody is to bear."""

    funder: str
    bp: int
    budget: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch as its author describes it."""

    name: str
    issuer: str
    kind: str
    quantity: int
    per_user_limit: int
    claim_from: datetime
    claim_until: datetime
    funding: tuple[WantedFunding, ...]
    commit_mode: str = CommitMode.AT_CLAIM
    threshold_fen: int | None = None
    threshold_pieces: int | None = None
    amount_fen: int | None = None
    discount_bp: int | None = None
    max_discount_fen: int | None = None
    scope: WantedScope = field(default_factory=WantedScope)
    use_from: datetime | None = None
    use_until: datetime | None = None
    days_after_claim: int | None = None
    allow_on_activity_price: bool = False
    by_code: bool = False
    grace_hours_on_return: int = 0


def wrongs_of(draft: Draft) -> list[Wrong]:
    """Return every rule of `domain.md` 2.2 that a draft breaks."""
    return [*_terms(draft), *_windows(draft), *_funding(draft)]


def _terms(draft: Draft) -> Iterator[Wrong]:
    if draft.by_code and draft.issuer != Issuer.PLATFORM:
        yield Wrong("/by_code", "CODES_ARE_THE_PLATFORMS")
    if draft.threshold_fen is not None and draft.threshold_pieces is not None:
        yield Wrong("/threshold_pieces", "THRESHOLD_TWICE")
    if draft.kind == CouponKind.DISCOUNT:
        yield from _required(draft, "discount_bp")
        if draft.max_discount_fen is None:
            yield Wrong("/max_discount_fen", "CAP_REQUIRED")
        yield from _foreign(draft, "amount_fen")
        return
    yield from _required(draft, "amount_fen")
    yield from _foreign(draft, "discount_bp", "max_discount_fen")
    if draft.kind == CouponKind.DIRECT:
        yield from _foreign(draft, "threshold_fen", "threshold_pieces")
    # A coupon for freight or for new users may have a threshold or none.
    elif (
        draft.kind == CouponKind.FULL_REDUCTION
        and draft.threshold_fen is None
        and draft.threshold_pieces is None
    ):
        yield Wrong("/threshold_fen", "THRESHOLD_REQUIRED")


def _required(draft: Draft, *names: str) -> Iterator[Wrong]:
    for name in names:
        if getattr(draft, name) is None:
            yield Wrong(f"/{name}", "REQUIRED")


def _foreign(draft: Draft, *names: str) -> Iterator[Wrong]:
    for name in names:
        if getattr(draft, name) is not None:
            yield Wrong(f"/{name}", "NOT_FOR_THIS_KIND")


def _windows(draft: Draft) -> Iterator[Wrong]:
    if draft.claim_from >= draft.claim_until:
        yield Wrong("/claim_until", "WINDOW_NOT_FORWARD")
    if draft.use_until is None and draft.days_after_claim is None:
        yield Wrong("/use_until", "VALIDITY_REQUIRED")
    if draft.use_until is not None:
        if draft.use_from is not None and draft.use_from >= draft.use_until:
            yield Wrong("/use_until", "WINDOW_NOT_FORWARD")
        elif draft.use_until < draft.claim_until:
            yield Wrong("/use_until", "USE_ENDS_BEFORE_CLAIMS")
    if draft.days_after_claim is not None and draft.use_from is not None:
        runs_out = draft.claim_from + timedelta(hours=24 * draft.days_after_claim)
        if runs_out <= draft.use_from:
            yield Wrong("/days_after_claim", "NEVER_USABLE")


def _funding(draft: Draft) -> Iterator[Wrong]:
    if sum(part.bp for part in draft.funding) != BASIS_POINTS:
        yield Wrong("/funding", "FUNDING_NOT_WHOLE")
    counts = Counter(part.funder for part in draft.funding)
    for place, part in enumerate(draft.funding):
        if counts[part.funder] > 1:
            yield Wrong(f"/funding/{place}/funder", "FUNDER_TWICE")
        if draft.issuer == Issuer.SHOP and part.funder != Funder.SHOP:
            yield Wrong(f"/funding/{place}/funder", "SHOP_PAYS_ALONE")
        if part.funder in BUDGETED and part.budget is None:
            yield Wrong(f"/funding/{place}/budget", "BUDGET_REQUIRED")
        if part.funder == Funder.SHOP and part.budget is not None:
            yield Wrong(f"/funding/{place}/budget", "NO_BUDGET_FOR_SHOPS")
