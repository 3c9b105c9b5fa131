"""Division codes (GB/T 2260) read as text: what a code says about itself without asking a table."""

from django.db.models import TextChoices

_DIRECT = "90"


class Level(TextChoices):
    """How far down the tree a division stands."""

    PROVINCE = "PROVINCE", "Province|省级"
    PREFECTURE = "PREFECTURE", "Prefecture|地级"
    COUNTY = "COUNTY", "County|县级"


def province_of(code: str) -> str:
    """Return the province a division lies in: 420527 lies in 420000."""
    return f"{code[:2]}0000"


def prefecture_of(code: str) -> str:
    """Return the prefecture a division lies in, or "" where there is none.

    Provinces have none, and counties that a province administers directly (429004) have none.
    A prefecture is its own: prefecture-level cities without counties (441900) sell and receive.
    """
    if code.endswith("0000") or code[2:4] == _DIRECT:
        return ""
    return f"{code[:4]}00"


def level_of(code: str) -> Level:
    """Return the level that the shape of a code says."""
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.PREFECTURE if code.endswith("00") else Level.COUNTY


def parent_of(code: str) -> str:
    """Return the next division up, or "" for a province."""
    level = level_of(code)
    if level is Level.PROVINCE:
        return ""
    if level is Level.PREFECTURE:
        return province_of(code)
    return prefecture_of(code) or province_of(code)


def ancestors(code: str) -> list[str]:
    """Return a division and everything above it, the most specific first."""
    line = [code]
    while parent := parent_of(line[-1]):
        line.append(parent)
    return line


def is_within(code: str, root: str) -> bool:
    """Tell whether a division is `root` or lies below it."""
    return root in ancestors(code)
