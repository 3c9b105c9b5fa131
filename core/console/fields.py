"""Form fields that take what people write and give what the market counts in.

Yuan become integer fen, percent basis points, kilograms grams, wall time in China an instant.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from unfold.widgets import (
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.console import figures
from core.console.words import said
from core.periods import SHANGHAI

# Commas only where they set thousands apart: a decimal comma must not become a hundred times more.
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|[+-]?\.\d+", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII
)
_BETWEEN = re.compile(r"[\s,;、]+")
YEARS = range(2000, 2200)

SENTENCES: Mapping[str, Any] = {
    "not_a_number": said("Write a number such as 12.50.", "请填写数字，例如 12.50。"),
    "too_fine": said("At most %(places)s decimal places.", "小数位过多，最多 %(places)s 位。"),
    "negative": said("This cannot be negative.", "不能为负数。"),
    "zero": said("This must be more than zero.", "必须大于零。"),
    "out_of_range": said("The number is too large.", "数值过大。"),
    "not_a_time": said(
        "Write a date and a time such as 2026-11-11 20:00.",
        "请填写日期和时间，例如 2026-11-11 20:00。",
    ),
}


def _refused(code: str, **params: object) -> ValidationError:
    return ValidationError(SENTENCES[code], code=code, params=params)


def plain(value: object) -> str:
    """Return what was typed with full-width characters as ordinary ones."""
    return unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()


class ScaledField(forms.Field):
    """A decimal that people type, kept as an integer number of the smallest unit."""

    places = 2
    # What it is counted in: the last word of the name by which services know it.
    unit = ""
    # Shown in front of what is typed, or behind it; both may be typed too.
    before, after = "", ""
    # BIGINT is wide; what people can mean is not.
    largest = 10_000_000_000_000

    def __init__(self, *, allow_zero: bool = False, **kwargs: Any) -> None:
        self.allow_zero = allow_zero
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        attrs |= {"prefix": self.before} if self.before else {}
        attrs |= {"suffix": self.after} if self.after else {}
        super().__init__(**{"widget": UnfoldAdminTextInputWidget(attrs=attrs), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show a stored integer as people write it."""
        if isinstance(value, int):
            return f"{Decimal(value).scaleb(-self.places):f}"
        return value

    def to_python(self, value: Any) -> int | None:
        """Read what was typed."""
        text = plain(value).removeprefix("¥").removesuffix("元").removesuffix(self.after).strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise _refused("not_a_number")
        scaled = Decimal(text.replace(",", "")).scaleb(self.places)
        if scaled < 0:
            raise _refused("negative")
        if scaled > self.largest:
            raise _refused("out_of_range")
        if scaled != scaled.to_integral_value():
            raise _refused("too_fine", places=self.places)
        if not scaled and not self.allow_zero:
            raise _refused("zero")
        return int(scaled)


class YuanField(ScaledField):
    """Yuan in, fen out."""

    unit = "fen"
    before = "¥"


class PercentField(ScaledField):
    """Percent in, basis points out, at most 100 %."""

    unit = "bp"
    after = "%"
    largest = 10_000


class KilogramField(ScaledField):
    """Kilograms in, grams out."""

    unit = "g"
    places = 3
    after = "kg"


class CountField(ScaledField):
    """A whole number in, the same out."""

    places = 0

    def __init__(self, *, largest: int = 1_000_000, **kwargs: Any) -> None:
        self.largest = largest
        super().__init__(**kwargs)


class LocalTimeField(forms.Field):
    """Wall time in China in, an instant out."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "step": "60"})
        super().__init__(**{"widget": widget, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show an instant as a clock in China shows it."""
        if isinstance(value, datetime):
            wall = value.astimezone(SHANGHAI)
            return wall.strftime("%Y-%m-%dT%H:%M:%S" if wall.second else "%Y-%m-%dT%H:%M")
        return value

    def to_python(self, value: Any) -> datetime | None:
        """Read the wall time that was typed."""
        text = plain(value)
        if not text:
            return None
        match = _MOMENT.fullmatch(text)
        if match is None:
            raise _refused("not_a_time")
        try:
            wall = datetime(*(int(part or 0) for part in match.groups()), tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]
        except ValueError as wrong:
            raise _refused("not_a_time") from wrong
        if wall.year not in YEARS:
            raise _refused("not_a_time")
        return wall.astimezone(UTC)


class LineField(forms.CharField):
    """One line, or one paragraph, of text without control characters."""

    def __init__(self, *, max_length: int, rows: int = 1, **kwargs: Any) -> None:
        widget = (
            UnfoldAdminTextareaWidget(attrs={"rows": rows})
            if rows > 1
            else UnfoldAdminTextInputWidget()
        )
        super().__init__(**{"max_length": max_length, "widget": widget, **kwargs})

    def to_python(self, value: Any) -> str:
        """Return it in one spelling, with single spaces."""
        text = unicodedata.normalize("NFC", super().to_python(value) or "")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class ListField(forms.CharField):
    """Several words, one below the other or with commas between."""

    def __init__(self, *, most: int = 500, rows: int = 2, **kwargs: Any) -> None:
        self.most = most
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
        super().__init__(**{"required": False, "widget": widget, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        """Return the words, each once, in the order they were written."""
        parts = tuple(dict.fromkeys(word for word in _BETWEEN.split(plain(value)) if word))
        if len(parts) > self.most:
            raise _refused("out_of_range")
        return parts


class CodeField(forms.ChoiceField):
    """One code of an enum, shown by its label in the language of the page."""

    def __init__(self, *, enum: type[TextChoices], only: Any = None, **kwargs: Any) -> None:
        codes = [choice.value for choice in (only or enum)]
        super().__init__(
            **{
                "choices": lambda: [(code, figures.label(enum, code)) for code in codes],
                "widget": UnfoldAdminSelectWidget(),
                **kwargs,
            }
        )


class PickField(forms.ChoiceField):
    """One of what a selector offers; `offered` is called when the form is shown."""

    def __init__(self, *, offered: Any, **kwargs: Any) -> None:
        def choices() -> list[tuple[str, str]]:
            return [("", figures.NOTHING), *offered()]

        super().__init__(**{"choices": choices, "widget": UnfoldAdminSelectWidget(), **kwargs})


class PickManyField(forms.MultipleChoiceField):
    """Several of what a selector offers."""

    def __init__(self, *, offered: Any, rows: int = 6, **kwargs: Any) -> None:
        widget = UnfoldAdminSelectMultipleWidget(attrs={"size": rows})
        held = said("Hold Ctrl (⌘ on a Mac) to choose several.", "按住 Ctrl（Mac 为 ⌘）可选多项。")
        super().__init__(
            **{
                "choices": offered,
                "widget": widget,
                "required": False,
                "help_text": held,
                **kwargs,
            }
        )
