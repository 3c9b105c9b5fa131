from shops.storefronts.models.licence import Licence
from shops.storefronts.models.shop import Shop, ShopMember

__all__ = ["Licence", "Shop", "ShopMember"]
