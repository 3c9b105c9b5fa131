"""What may be said about budgets, batches and coupons."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core.accounts.phones import PHONE_LENGTH_MAX
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
from marketplace.coupons.domain.codes import meant
from marketplace.coupons.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.coupons.domain.kinds import (
    BUDGETED,
    GRACE_HOURS_MAX,
    CommitMode,
    CouponKind,
    Funder,
    Issuer,
)
from marketplace.coupons.domain.states import CouponState
from marketplace.coupons.services import codes, wrongs
from marketplace.coupons.services.deciding import ACTIONS, STAFF_ACTIONS

QUANTITY_MAX = 100_000_000
PRODUCTS_MAX = 2_000
DAYS_MAX = 3_650
_PAYERS = [(funder.value, funder.value) for funder in (*BUDGETED, Funder.SHOP)]


class BudgetForm(Form):
    """Money for coupons."""

    name = TextField(max_length=80)
    funder = CodeField(choices=[(funder.value, funder.value) for funder in BUDGETED])
    organisation = TextField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="Whose money it is, by its name; needed unless it is the platform's",
    )
    total_fen = FenField(min_value=1)
    daily_cap_fen = FenField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        help_text="What one day in China may commit at most",
    )


class OfficerForm(Form):
    """Whom to let in."""

    phone = TextField(max_length=PHONE_LENGTH_MAX)


class BudgetGrowthForm(Form):
    """A larger total, or a larger daily cap; null is none."""

    total_fen = FenField(min_value=1, required=False)
    daily_cap_fen = FenField(min_value=1, required=False, allow_null=True)


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
    by_code = FlagField(
        required=False, default=False, help_text="Handed out by codes; nobody claims it openly"
    )
    grace_hours_on_return = WholeNumberField(
        required=False,
        default=0,
        min_value=0,
        max_value=GRACE_HOURS_MAX,
        help_text="How long a coupon may still be used that comes back after its window",
    )


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


class StaffTransitionForm(TransitionForm):
    """A step in the life of a batch; to void one takes a reason."""

    action = CodeField(choices=[(action, action) for action in STAFF_ACTIONS])


class VoidingForm(Form):
    """Why coupons are taken back."""

    reason = TextField(max_length=500)


class CodeRunForm(Form):
    """Stop the making of codes, or go on with it."""

    action = CodeField(choices=[(action, action) for action in codes.ACTIONS])
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class CodesQuery(Form):
    """From where codes are printed."""

    after = WholeNumberField(
        required=False,
        default=-1,
        min_value=-1,
        max_value=QUANTITY_MAX,
        help_text="The number of the last code that arrived",
    )


class TypedCodeField(TextField):
    """A code as somebody typed it; a mistyped one never reaches the codes."""

    def to_internal_value(self, data: Any) -> str:
        """Return the code that is meant."""
        code = meant(super().to_internal_value(data))
        if code is None:
            raise serializers.ValidationError(wrongs.sentence_of("MISTYPED"), code="MISTYPED")
        return code


class CouponCodeForm(Form):
    """A code, with or without its dashes."""

    code = TypedCodeField(max_length=60)


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
