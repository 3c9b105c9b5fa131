"""Integer grams, and what they look like to people."""

GRAMS_PER_KG = 1_000
GRAMS_PER_TONNE = 1_000_000


def kilograms(grams: int) -> str:
    """Write a weight in kilograms without losing a gram: 2500 becomes "2.5"."""
    whole, rest = divmod(grams, GRAMS_PER_KG)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def tonnes(grams: int) -> str:
    """Write a weight in tonnes with three decimals, rounded half up (`domain.md` 2.16)."""
    kilos = (grams + GRAMS_PER_KG // 2) // GRAMS_PER_KG
    whole, rest = divmod(kilos, 1_000)
    return f"{whole:,}.{rest:03d}"
