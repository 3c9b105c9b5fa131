"""What may be said about budgets, batches and coupons."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core.http.forms import (
    CodeField,
    CountField,
    FenField,
    FlagField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
    WholeNumberField,
)
from core.money import BASIS_POINTS
from marketplace.coupons.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import (
    BUDGETED,
    CommitMode,
    CouponKind,
    Funder,
    Issuer,
)
from marketplace.coupons.domain.states import CouponState
from marketplace.coupons.services.deciding import ACTIONS

QUANTITY_MAX = 100_000_000
PRODUCTS_MAX = 2_000
DAYS_MAX = 3_650
_PAYERS = [(funder.value, funder.value) for funder in (*BUDGETED, Funder.SHOP)]


class BudgetForm(Form):
    """Money for coupons."""

    name = TextField(max_length=80)
    funder = CodeField(choices=[(funder.value, funder.value) for funder in BUDGETED])
    organisation = TextField(max_length=80, required=False, allow_blank=True, default="")
    total_fen = FenField(min_value=1)
    daily_cap_fen = FenField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        help_text="Not offered yet: leave it out.",
    )


class BudgetGrowthForm(Form):
    """A larger total."""

    total_fen = FenField(min_value=1)


class ScopeForm(Form):
    """What coupons count for: every list that is not empty must be met."""

    sections = serializers.ListField(
        child=TextField(max_length=40), max_length=100, required=False, default=list
    )
    regions = serializers.ListField(
        child=TextField(max_length=6), max_length=500, required=False, default=list
    )
    programmes = serializers.ListField(
        child=TextField(max_length=40), max_length=20, required=False, default=list
    )
    categories = serializers.ListField(
        child=TextField(max_length=60), max_length=200, required=False, default=list
    )
    products = serializers.ListField(
        child=ReferenceField(), max_length=PRODUCTS_MAX, required=False, default=list
    )
    shops = serializers.ListField(
        child=TextField(max_length=80), max_length=PRODUCTS_MAX, required=False, default=list
    )


class FundingForm(Form):
    """A share of every discount and who bears it."""

    funder = CodeField(choices=_PAYERS)
    bp = WholeNumberField(min_value=1, max_value=BASIS_POINTS)
    budget = ReferenceField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Insist on whole shares, also where the batch around them is only partly sent."""
        missing = {"funder", "bp"} - attrs.keys()
        if missing:
            words = self.fields["bp"].error_messages["required"]
            required = ErrorDetail(str(words), code="required")
            raise serializers.ValidationError({name: [required] for name in sorted(missing)})
        return attrs


class BatchForm(Form):
    """A batch of coupons. A `discount_bp` of 1500 takes 15 % off."""

    name = TextField(max_length=80)
    issuer = CodeField(choices=Issuer.choices)
    kind = CodeField(choices=CouponKind.choices)
    commit_mode = CodeField(
        choices=CommitMode.choices, required=False, default=CommitMode.AT_CLAIM.value
    )
    threshold_fen = FenField(required=False, allow_null=True, default=None, min_value=1)
    threshold_pieces = CountField(required=False, allow_null=True, default=None)
    amount_fen = FenField(required=False, allow_null=True, default=None, min_value=1)
    discount_bp = WholeNumberField(
        required=False, allow_null=True, default=None, min_value=1, max_value=BASIS_POINTS
    )
    max_discount_fen = FenField(required=False, allow_null=True, default=None, min_value=1)
    scope = ScopeForm(required=False)
    quantity = CountField(max_value=QUANTITY_MAX)
    per_user_limit = CountField(max_value=10_000)
    claim_from = InstantField()
    claim_until = InstantField()
    use_from = InstantField(required=False, allow_null=True, default=None)
    use_until = InstantField(required=False, allow_null=True, default=None)
    days_after_claim = CountField(required=False, allow_null=True, default=None, max_value=DAYS_MAX)
    funding = serializers.ListField(child=FundingForm(), min_length=1, max_length=len(_PAYERS))
    allow_on_activity_price = FlagField(required=False, default=False)


class ShopBatchForm(BatchForm):
    """A shop's own batch: the shop issues it, and bears it alone."""

    issuer = CodeField(choices=Issuer.choices, required=False, default=Issuer.SHOP.value)
    funding = serializers.ListField(
        child=FundingForm(), required=False, min_length=1, max_length=len(_PAYERS)
    )


class TransitionForm(Form):
    """A step in the life of a batch."""

    action = CodeField(choices=[(action, action) for action in ACTIONS])
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class AcceptanceForm(Form):
    """The batch whose SHOP part the shop bears."""

    batch = ReferenceField()


class OffersQuery(Form):
    """Which batches to list."""

    section = TextField(max_length=40, required=False)


class WalletQuery(Form):
    """Which coupons to list."""

    state = CodeField(choices=CouponState.choices, required=False)


def draft_of(said: dict[str, Any]) -> Draft:
    """Return the draft that a form describes."""
    facts = dict(said)
    scope = {name: tuple(values) for name, values in facts.pop("scope", {}).items()}
    funding = facts.pop("funding", None) or [{"funder": Funder.SHOP.value, "bp": BASIS_POINTS}]
    return Draft(
        **facts,
        scope=WantedScope(**scope),
        funding=tuple(WantedFunding(**part) for part in funding),
    )


def changes_of(said: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a draft that a partial form changes; a scope is replaced as a whole."""
    changes = dict(said)
    if "scope" in changes:
        named = {name: tuple(values) for name, values in changes["scope"].items()}
        changes["scope"] = WantedScope(**named)
    if "funding" in changes:
        changes["funding"] = tuple(WantedFunding(**part) for part in changes["funding"])
    return changes
