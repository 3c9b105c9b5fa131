"""Form fields of the catalogue."""

from typing import Any

from rest_framework.fields import empty

from core.http.forms import TextField, refused
from shops.catalogue.selectors import tree


class CategoryField(TextField):
    """A category by its id or its slug."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_length": 60, "help_text": "An id or slug of /categories", **kwargs}
        )

    def run_validation(self, data: Any = empty) -> Any:
        """Return the category, or refuse the value as unknown."""
        name = super().run_validation(data)
        try:
            return tree.find(name) if isinstance(name, str) else name
        except tree.UnknownCategory as refusal:
            raise refused(refusal) from refusal
