"""Places and programmes as people choose them in the console."""

from typing import Any

from django.core.exceptions import ValidationError

from core.console.fields import ListField
from core.console.words import chosen, sentence
from core.regions.models import Region
from core.regions.selectors import divisions, programmes

CODE_DIGITS = 6


def programme_choices() -> list[tuple[str, str]]:
    """Return the programmes there are, named in the language of the page."""
    rows = programmes.known().values_list("slug", "name_en", "name_zh")
    return [(slug, chosen(english, chinese)) for slug, english, chinese in rows]


class RegionsField(ListField):
    """Codes in, or names that only one present region bears; codes out."""

    def to_python(self, value: Any) -> Any:
        """Read codes and names, and refuse those of no present region."""
        return tuple(dict.fromkeys(_code(word) for word in super().to_python(value)))


def _code(word: str) -> str:
    if word.isdigit() and len(word) == CODE_DIGITS:
        return _in_force(word)
    found = _called(word)
    if len(found) == 1:
        return found[0].code
    if not found:
        raise ValidationError(
            chosen(f"There is no region called {word}.", f"没有名为“{word}”的行政区划。")
        )
    codes = ", ".join(f"{region.full_name} {region.code}" for region in found)
    raise ValidationError(
        chosen(f"Several regions are called {word}: {codes}", f"“{word}”不止一处：{codes}")
    )


def _in_force(code: str) -> str:
    try:
        return divisions.region(code).code
    except (divisions.UnknownRegion, divisions.RetiredRegion) as refusal:
        raise ValidationError(f"{code}: {sentence(refusal)}") from refusal


def _called(word: str) -> list[Region]:
    near = [region for region in divisions.listed(search=word) if region.name.startswith(word)]
    return [region for region in near if region.name == word] or near
