"""What somebody decides to order in a team or in a pre-sale."""

from datetime import datetime

from core.accounts.models import User
from marketplace.activities.models import Activity
from marketplace.coupons.models import UserCoupon
from orders.placement.selectors import quotes
from orders.placement.selectors.quotes import Coupons, Wanted
from orders.placement.services.wishing import Wish
from tests.factories.accounts import an_address


def a_wish(
    buyer: User,
    selling: Activity,
    quantity: int = 1,
    coupons: tuple[UserCoupon, ...] = (),
    *,
    now: datetime,
) -> Wish:
    """Return a decision to order there, at the price the market quotes at this moment."""
    address = an_address(buyer)
    references = [coupon.reference for coupon in coupons]
    quote = quotes.quote(
        buyer_id=buyer.pk,
        wanted=[Wanted(str(selling.sku.reference), quantity)],
        region=address.region,
        coupons=Coupons(references),
        now=now,
        activity=selling.reference,
    )
    return Wish(
        address=address.reference,
        expected_payable_fen=quote.price.payable_fen,
        quantity=quantity,
        coupons=references,
    )
