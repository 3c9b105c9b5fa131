from shops.catalogue.models.card import ProductCard
from shops.catalogue.models.category import Category
from shops.catalogue.models.product import Product, ProductPhoto
from shops.catalogue.models.sku import Sku, StockAdjustment

__all__ = ["Category", "Product", "ProductCard", "ProductPhoto", "Sku", "StockAdjustment"]
