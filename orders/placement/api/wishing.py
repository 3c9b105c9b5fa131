"""What an order in a team or in a pre-sale is asked with."""

from typing import Any

from core.http.forms import CountField, FenField, Form, ReferenceField, TextField
from marketplace.abuse.domain.marks import Origin
from orders.placement.api.forms import CouponsField
from orders.placement.services.wishing import Wish


class WishForm(Form):
    """What somebody orders, at the price they were shown."""

    quantity = CountField(default=1)
    address = ReferenceField()
    coupons = CouponsField()
    expected_payable_fen = FenField()
    remark = TextField(default="", allow_blank=True)


def wish_of(said: dict[str, Any], origin: Origin) -> Wish:
    """Return what a form asks for as the services know it."""
    return Wish(**said, origin=origin)
