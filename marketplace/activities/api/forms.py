"""What is asked of flash sales."""

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
from marketplace.activities.domain.states import LIVE
from marketplace.activities.services.flash import Draft


class FlashSaleForm(Form):
    """A flash sale as its author wants it."""

    sku = ReferenceField()
    price_fen = FenField(min_value=1)
    quantity = CountField()
    per_user_limit = CountField(default=1)
    starts_at = InstantField(help_text="Now at the earliest.")
    ends_at = InstantField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        forms.forward(attrs, "starts_at", "ends_at")
        return attrs


class EndingForm(Form):
    """Why a flash sale is ended before its time."""

    reason = TextField(max_length=200, required=False, allow_blank=True, default="")


class FlashSalesQuery(Form):
    """Which flash sales: of a product, of a shop, those that run or those to come."""

    product = ReferenceField(required=False)
    shop = ReferenceField(required=False)
    state = CodeField([(state.value, state.label) for state in LIVE], required=False)


def draft_of(said: dict[str, Any]) -> Draft:
    """Return a flash sale as the services know it."""
    return Draft(**said)
