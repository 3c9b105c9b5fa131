from orders.placement.models.line import LineDiscount, LineProgramme, LineSection, OrderLine
from orders.placement.models.order import Order
from orders.placement.models.shop_order import ShopOrder

__all__ = ["LineDiscount", "LineProgramme", "LineSection", "Order", "OrderLine", "ShopOrder"]
