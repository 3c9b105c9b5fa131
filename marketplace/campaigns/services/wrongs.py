"""Broken rules, said in the caller's language."""

from collections.abc import Sequence

from django.utils.translation import get_language

from core.errors import DomainError, Fault, InvalidInput
from marketplace.campaigns.domain.drafts import SENTENCES, Wrong


class ReasonNeeded(DomainError):
    """Say why: shops are told."""

    code = "REASON_NEEDED"
    zh = "请填写原因，商家会看到。"
    status = 400


def refusal_of(wrongs: Sequence[Wrong]) -> InvalidInput:
    """Return broken rules as one refusal with a fault for each."""
    place = 1 if (get_language() or "").startswith("zh") else 0
    return InvalidInput(
        [Fault(wrong.pointer, wrong.code, SENTENCES[wrong.code][place]) for wrong in wrongs]
    )
