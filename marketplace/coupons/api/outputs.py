"""What the interface says about budgets, batches and coupons."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers

from marketplace.coupons.domain.kinds import CommitMode, CouponKind, Funder, Issuer, ScopeBy
from marketplace.coupons.domain.states import (
    BATCH_LIFE,
    CODE_RUN_LIFE,
    BatchState,
    CodeRunState,
    CouponState,
)
from marketplace.coupons.services import codes
from marketplace.coupons.services.deciding import ACTIONS, STAFF_ACTIONS

# What is true of coupons whose money nobody has set aside yet, in both languages.
_MAY_BE_GONE = (
    "The money for this coupon is set aside only when it is used, and may be gone by then.",
    "该券的预算在使用时才锁定，使用时预算可能已用完。",
)
_TERMS = (
    "kind",
    "threshold_fen",
    "threshold_pieces",
    "amount_fen",
    "discount_bp",
    "max_discount_fen",
    "allow_on_activity_price",
    "commit_mode",
)


class BudgetOutput(serializers.Serializer[Any]):
    """Money for coupons: total = available + reserved + spent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    funder = serializers.ChoiceField(choices=Funder.choices)
    organisation = serializers.CharField()
    total_fen = serializers.IntegerField()
    available_fen = serializers.IntegerField()
    reserved_fen = serializers.IntegerField()
    spent_fen = serializers.IntegerField()
    daily_cap_fen = serializers.IntegerField(
        allow_null=True, help_text="What one day in China may commit at most"
    )
    opened_at = serializers.DateTimeField()


class CouponShopOutput(serializers.Serializer[Any]):
    """The shop that issues a coupon."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class ScopeOutput(serializers.Serializer[Any]):
    """What coupons count for: every list that is not empty must be met."""

    sections = serializers.ListField(child=serializers.CharField())
    regions = serializers.ListField(child=serializers.CharField())
    programmes = serializers.ListField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.UUIDField())
    products = serializers.ListField(child=serializers.UUIDField())
    shops = serializers.ListField(child=serializers.UUIDField())


class TermsOutput(serializers.Serializer[Any]):
    """What a coupon takes off, and who issues it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    issuer = serializers.ChoiceField(choices=Issuer.choices)
    shop = CouponShopOutput(allow_null=True)
    kind = serializers.ChoiceField(choices=CouponKind.choices)
    threshold_fen = serializers.IntegerField(allow_null=True)
    threshold_pieces = serializers.IntegerField(allow_null=True)
    amount_fen = serializers.IntegerField(allow_null=True)
    discount_bp = serializers.IntegerField(allow_null=True)
    max_discount_fen = serializers.IntegerField(allow_null=True)
    allow_on_activity_price = serializers.BooleanField()
    commit_mode = serializers.ChoiceField(choices=CommitMode.choices)
    caution = serializers.CharField(
        allow_blank=True, help_text="What whoever means to use it should know, in words"
    )


class OfferOutput(TermsOutput):
    """A batch that can be claimed from."""

    scope = ScopeOutput()
    quantity = serializers.IntegerField()
    claimed = serializers.IntegerField()
    per_user_limit = serializers.IntegerField()
    claim_from = serializers.DateTimeField()
    claim_until = serializers.DateTimeField()
    use_from = serializers.DateTimeField(allow_null=True)
    use_until = serializers.DateTimeField(allow_null=True)
    days_after_claim = serializers.IntegerField(allow_null=True)


class ClaimableOutput(OfferOutput):
    """A batch that can be claimed from, and how many the caller has had."""

    claimed_by_me = serializers.IntegerField()


class FundingOutput(serializers.Serializer[Any]):
    """A share of every discount and who bears it."""

    funder = serializers.ChoiceField(choices=Funder.choices)
    bp = serializers.IntegerField()
    budget = serializers.UUIDField(allow_null=True)


class BatchOutput(OfferOutput):
    """A batch as those who run it see it."""

    by_code = serializers.BooleanField()
    grace_hours_on_return = serializers.IntegerField()
    funding = FundingOutput(many=True)
    state = serializers.ChoiceField(choices=BatchState.choices)
    used = serializers.IntegerField()
    allowed_actions = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)


class CodeRunOutput(serializers.Serializer[Any]):
    """How far the codes of a batch are made."""

    batch = serializers.UUIDField()
    state = serializers.ChoiceField(choices=CodeRunState.choices)
    wanted = serializers.IntegerField()
    written = serializers.IntegerField()
    allowed_actions = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField()
    written_at = serializers.DateTimeField(allow_null=True)


class JoinableOutput(OfferOutput):
    """A platform's batch that asks shops for their part."""

    shop_bp = serializers.IntegerField(help_text="The shop's share of each discount")
    state = serializers.ChoiceField(choices=BatchState.choices)
    accepted_at = serializers.DateTimeField(allow_null=True)


class AcceptanceOutput(serializers.Serializer[Any]):
    """A shop bears its part of a batch."""

    batch = serializers.UUIDField()
    shop = serializers.UUIDField()
    accepted_at = serializers.DateTimeField()


class CouponOutput(serializers.Serializer[Any]):
    """A coupon in the caller's wallet."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=CouponState.choices)
    claimed_at = serializers.DateTimeField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    order = serializers.UUIDField(allow_null=True)
    batch = TermsOutput()


class RingVoidedOutput(serializers.Serializer[Any]):
    """What became of a ring."""

    people = serializers.IntegerField()
    voided = serializers.IntegerField()
    coupons = serializers.ListField(child=serializers.UUIDField())


def budget(row: Any) -> dict[str, Any]:
    """Return a budget with its figures."""
    return {
        "id": str(row.reference),
        "name": row.name,
        "funder": row.funder,
        "organisation": row.organisation.name if row.organisation else "",
        "total_fen": row.total_fen,
        "available_fen": row.total_fen - row.reserved_fen - row.spent_fen,
        "reserved_fen": row.reserved_fen,
        "spent_fen": row.spent_fen,
        "daily_cap_fen": row.daily_cap_fen,
        "opened_at": row.opened_at,
    }


def terms(row: Any) -> dict[str, Any]:
    """Return what coupons of a batch take off."""
    shop = row.issuer_shop
    return {
        "id": str(row.reference),
        "name": row.name,
        "issuer": row.issuer,
        "shop": shop and {"id": str(shop.reference), "slug": shop.slug, "name": shop.name},
        "caution": _caution(row.commit_mode),
    } | {name: getattr(row, name) for name in _TERMS}


def offer(row: Any) -> dict[str, Any]:
    """Return a batch as buyers see it."""
    return terms(row) | {
        "scope": _scope(row),
        "quantity": row.quantity,
        "claimed": row.claimed,
        "per_user_limit": row.per_user_limit,
        "claim_from": row.claim_from,
        "claim_until": row.claim_until,
        "use_from": row.use_from,
        "use_until": row.use_until,
        "days_after_claim": row.days_after_claim,
    }


def claimable(row: Any) -> dict[str, Any]:
    """Return a batch as one buyer sees it."""
    return offer(row) | {"claimed_by_me": row.mine}


def batch(row: Any, actions: Collection[str] = STAFF_ACTIONS) -> dict[str, Any]:
    """Return a batch as those who run it see it, with what they may do now."""
    offered = BATCH_LIFE.actions_in(row.state) if row.voided_at is None else []
    return offer(row) | {
        "by_code": row.by_code,
        "grace_hours_on_return": row.grace_hours_on_return,
        "funding": [
            {
                "funder": part.funder,
                "bp": part.bp,
                "budget": part.budget and str(part.budget.reference),
            }
            for part in sorted(row.funding.all(), key=lambda part: part.pk)
        ],
        "state": row.state,
        "used": row.used,
        "allowed_actions": [action for action in offered if action in actions],
        "voided_at": row.voided_at,
        "created_at": row.created_at,
    }


def code_run(row: Any) -> dict[str, Any]:
    """Return how far the codes of a batch are made."""
    offered = CODE_RUN_LIFE.actions_in(row.state)
    return {
        "batch": str(row.batch.reference),
        "state": row.state,
        "wanted": row.wanted,
        "written": row.written,
        "allowed_actions": [action for action in offered if action in codes.ACTIONS],
        "started_at": row.started_at,
        "written_at": row.written_at,
    }


def own_batch(row: Any) -> dict[str, Any]:
    """Return a batch as the shop that issues it sees it."""
    return batch(row, ACTIONS)


def joinable(row: Any) -> dict[str, Any]:
    """Return a batch as a shop that may bear its part sees it."""
    return offer(row) | {
        "shop_bp": sum(part.bp for part in row.funding.all() if part.funder == Funder.SHOP),
        "state": row.state,
        "accepted_at": row.accepted_at,
    }


def acceptance(row: Any) -> dict[str, Any]:
    """Return a shop's agreement."""
    return {
        "batch": str(row.batch.reference),
        "shop": str(row.shop.reference),
        "accepted_at": row.accepted_at,
    }


def ring_voided(done: Any) -> dict[str, Any]:
    """Return what became of a ring."""
    coupons = [str(reference) for reference in done.coupons]
    return {"people": done.people, "voided": len(coupons), "coupons": coupons}


def coupon(row: Any, state: str) -> dict[str, Any]:
    """Return a coupon as its owner sees it."""
    return {
        "id": str(row.reference),
        "state": state,
        "claimed_at": row.claimed_at,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "order": row.order_reference and str(row.order_reference),
        "batch": terms(row.batch),
    }


def _caution(commit_mode: str) -> str:
    if commit_mode == CommitMode.AT_CLAIM:
        return ""
    return _MAY_BE_GONE[(get_language() or "").startswith("zh")]


def _scope(row: Any) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {by: [] for by in ScopeBy.values}
    for part in sorted(row.scope.all(), key=lambda part: part.pk):
        named[part.by].append(_name_of(part))
    return {
        "sections": named[ScopeBy.SECTION],
        "regions": named[ScopeBy.REGION],
        "programmes": named[ScopeBy.PROGRAMME],
        "categories": named[ScopeBy.CATEGORY],
        "products": named[ScopeBy.PRODUCT],
        "shops": named[ScopeBy.SHOP],
    }


def _name_of(part: Any) -> str:
    if part.section_id:
        return str(part.section.slug)
    thing = part.category or part.product or part.shop
    return str(thing.reference) if thing else str(part.region or part.programme)
