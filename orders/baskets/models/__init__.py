from orders.baskets.models.basket import Basket, BasketLine

__all__ = ["Basket", "BasketLine"]
