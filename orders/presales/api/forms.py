"""What pre-sales are asked with."""

from typing import Any

from core.http import forms
from core.http.forms import (
    CodeField,
    CountField,
    FenField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
)
from core.money import BASIS_POINTS
from orders.placement.api.wishing import WishForm
from orders.presales.domain.arithmetic import FORECAST_G_MAX, REASON_CHARACTERS_MAX
from orders.presales.domain.states import DefaultRule, PresaleKind
from orders.presales.services.planning import Draft


class PreorderForm(WishForm):
    """What somebody orders in a pre-sale, at the price they were shown."""

    expected_payable_fen = FenField(help_text="Deposit and balance together.")


class PresaleForm(Form):
    """A pre-sale as its shop wants it; deposit, worth and compensation are those of one piece."""

    sku = ReferenceField()
    kind = CodeField(PresaleKind.choices)
    price_fen = FenField(min_value=1)
    quantity = CountField()
    per_user_limit = CountField(required=False, allow_null=True)
    starts_at = InstantField()
    ends_at = InstantField()
    ship_from = InstantField()
    ship_until = InstantField()
    deposit_fen = FenField(required=False, allow_null=True, min_value=1)
    deposit_worth_fen = FenField(required=False, allow_null=True, min_value=1)
    balance_from = InstantField(required=False, allow_null=True)
    balance_until = InstantField(required=False, allow_null=True)
    forecast_g = CountField(required=False, allow_null=True, max_value=FORECAST_G_MAX)
    factor_bp = CountField(required=False, allow_null=True, max_value=BASIS_POINTS)
    default_rule = CodeField(DefaultRule.choices, required=False)
    compensation_fen = FenField(required=False, default=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        forms.forward(attrs, "starts_at", "ends_at")
        forms.forward(attrs, "ship_from", "ship_until")
        return attrs


class DefaultForm(Form):
    """Why a shop cannot deliver."""

    reason = TextField(max_length=REASON_CHARACTERS_MAX)


class PresalesQuery(Form):
    """Which pre-sales."""

    product = ReferenceField(required=False)


def draft_of(said: dict[str, Any]) -> Draft:
    """Return a pre-sale as the services know it."""
    return Draft(**said)
