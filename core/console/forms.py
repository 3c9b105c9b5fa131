"""The forms of the console: what is typed goes to one service, what it refuses comes back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.console import words
from core.console.words import said
from core.errors import DomainError, InvalidInput

REASON_CHARACTERS_MAX = 200
_UNIT = re.compile(r"_(fen|bp|g)$")


class ReasonForm(ActionForm):
    """Why somebody decides so; it is kept in the log."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=REASON_CHARACTERS_MAX,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": said("Reason", "原因")}),
    )


class ConsoleForm(forms.Form):
    """A form whose fields are named after what a service takes, units left out."""

    # The headings of the form and the fields below each.
    groups: ClassVar[tuple[tuple[Any, tuple[Any, ...]], ...]] = ()
    # Where faults belong whose pointer is not the name of a field: {"/scope/regions": "regions"}.
    places: Mapping[str, str] = {}
    # Fields that whole refusals are about, by code: {"SLUG_TAKEN": "slug"}.
    about: ClassVar[Mapping[str, str]] = {}
    # Rules that the console words in its own units.
    sentences: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self, typed: Any = None, *, initial: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        # Fields carry no units: nobody types fen or basis points, so no page speaks of them.
        shown = {_UNIT.sub("", name): value for name, value in (initial or {}).items()}
        super().__init__(typed, initial=shown, **kwargs)

    def given(self) -> dict[str, Any]:
        """Return what was typed under the names that services know, units included."""
        units = {name: getattr(field, "unit", "") for name, field in self.fields.items()}
        return {
            f"{name}_{units[name]}" if units.get(name) else name: value
            for name, value in self.cleaned_data.items()
        }

    def refuse(self, refusal: DomainError) -> None:
        """Write a refusal where it belongs: at its field, or above the form."""
        if not isinstance(refusal, InvalidInput) or not refusal.faults:
            self.add_error(self.about.get(refusal.code), words.sentence(refusal))
            return
        for fault in refusal.faults:
            self.add_error(
                self._place_of(fault.pointer), str(self.sentences.get(fault.code, fault.detail))
            )

    def _place_of(self, pointer: str) -> str | None:
        for start in sorted(self.places, key=len, reverse=True):
            if pointer == start or pointer.startswith(f"{start}/"):
                return self.places[start]
        name = _UNIT.sub("", pointer.strip("/").split("/")[0])
        return name if name in self.fields else None


class GuardedForm(ConsoleForm):
    """A form about a row that others may change meanwhile: it remembers what it was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something one can do by a form: what it is called, what is asked, who carries it out.

    `carry_out(page, request, row, said)` calls a service and returns the row to show next;
    `start(row)` fills the form in; `fits(row)` says whether it can be done now.
    """

    name: str
    title: Any
    form: type[ConsoleForm]
    carry_out: Callable[[Any, Any, Any, dict[str, Any]], Any]
    start: Callable[[Any], dict[str, Any]] = lambda row: {}  # noqa: ARG005
    fits: Callable[[Any], bool] = lambda row: True  # noqa: ARG005


@dataclass(frozen=True, slots=True)
class Sight:
    """Something more to look at or to take away of one row: under which name, and what answers.

    `answer(page, request, row)` returns what is shown or sent; `fits(row)` says whether there is
    anything now.
    """

    name: str
    title: Any
    answer: Callable[[Any, Any, Any], Any]
    fits: Callable[[Any], bool] = lambda row: True  # noqa: ARG005
