"""Form fields that take yuan, percent and kilograms and give integer fen, basis points, grams."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

_SENTENCES = {
    "not_a_number": "请填写数字，例如 12.50。Please write a number such as 12.50.",
    "too_fine": "小数位过多，最多 %(places)s 位。At most %(places)s decimal places.",
    "out_of_range": "数值超出范围。The number is out of range.",
}


class ScaledField(forms.Field):
    """A decimal that people type, kept as an integer number of the smallest unit."""

    places = 2
    unit = ""
    # BIGINT is wide; what people can mean is not.
    largest = 10_000_000_000_000

    def __init__(self, *, allow_zero: bool = False, **kwargs: Any) -> None:
        self.allow_zero = allow_zero
        widget = UnfoldAdminTextInputWidget(
            attrs={"inputmode": "decimal", "placeholder": self.unit}
        )
        super().__init__(**{"widget": widget, **kwargs})
        if self.unit:
            self.help_text = f"{self.help_text} ({self.unit})".strip()

    def prepare_value(self, value: Any) -> Any:
        """Show a stored integer as people write it."""
        if isinstance(value, int):
            return f"{Decimal(value).scaleb(-self.places):f}"
        return value

    def to_python(self, value: Any) -> int | None:
        """Read what was typed."""
        text = str(value or "").strip().replace(",", "").replace("，", "").lstrip("¥￥")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation as wrong:
            raise ValidationError(_SENTENCES["not_a_number"], code="not_a_number") from wrong
        if not number.is_finite() or abs(number) > self.largest:
            raise ValidationError(_SENTENCES["out_of_range"], code="out_of_range")
        scaled = number.scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValidationError(
                _SENTENCES["too_fine"], code="too_fine", params={"places": self.places}
            )
        units = int(scaled)
        if units < 0 or units > self.largest or (units == 0 and not self.allow_zero):
            raise ValidationError(_SENTENCES["out_of_range"], code="out_of_range")
        return units


class YuanField(ScaledField):
    """Yuan in, fen out."""

    unit = "元 yuan"


class PercentField(ScaledField):
    """Percent in, basis points out, at most 100 %."""

    unit = "%"
    largest = 10_000


class KilogramField(ScaledField):
    """Kilograms in, grams out."""

    places = 3
    unit = "kg"
