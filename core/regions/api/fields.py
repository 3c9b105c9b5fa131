"""Form fields for division codes, checked against the tables."""

from typing import Any

from core.http.forms import TextField, refused
from core.regions.selectors import divisions


class RegionField(TextField):
    """The code of a division of any level that is in force today."""

    def __init__(self, **kwargs: Any) -> None:
        # Anything longer than a code is simply an unknown one.
        super().__init__(**{"max_length": 60, "help_text": "GB/T 2260 code, as text", **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the code, or refuse it as unknown or retired."""
        code = str(super().to_internal_value(data))
        try:
            self.check(code)
        except (divisions.UnknownRegion, divisions.RetiredRegion) as refusal:
            raise refused(refusal) from refusal
        return code

    def check(self, code: str) -> None:
        """Look the code up."""
        divisions.region(code)


class CountyField(RegionField):
    """The code of a place that goods come from or parcels go to, in force today."""

    def check(self, code: str) -> None:
        """Look the code up."""
        divisions.county(code)
