"""Orders in the console: what was ordered, who bears which part of it, where it is."""

from orders.placement.admin.orders import OrderPage
from orders.placement.admin.shop_orders import ShopOrderPage
from orders.placement.admin.trying import TRIAL

__all__ = ["TRIAL", "OrderPage", "ShopOrderPage"]
