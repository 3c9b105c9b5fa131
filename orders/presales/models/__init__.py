from orders.presales.models.preorder import Preorder
from orders.presales.models.terms import PresaleTerms

__all__ = ["Preorder", "PresaleTerms"]
