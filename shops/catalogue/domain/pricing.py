"""What a price means per kilogram, so that buyers can compare."""

from core.money import half_up
from core.weight import GRAMS_PER_KG


def per_kg_fen(price_fen: int, net_weight_g: int) -> int:
    """Return the price of a kilogram in fen, rounded half up."""
    return half_up(price_fen * GRAMS_PER_KG, net_weight_g)
