"""The say of pre-sales in their orders."""

from orders.placement.domain.states import WaitsFor
from orders.placement.services import waiting
from orders.presales.services import instalments

waiting.attend(WaitsFor.PRESALE, instalments)
