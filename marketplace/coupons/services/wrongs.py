"""Broken rules, said in the caller's language."""

from collections.abc import Sequence

from django.utils.translation import get_language

from core.errors import Fault, InvalidInput
from marketplace.coupons.domain.drafts import SENTENCES, Wrong


def refusal_of(wrongs: Sequence[Wrong]) -> InvalidInput:
    """Return broken rules as one refusal with a fault for each."""
    return InvalidInput(
        [Fault(wrong.pointer, wrong.code, sentence_of(wrong.code)) for wrong in wrongs]
    )


def sentence_of(code: str) -> str:
    """Return a broken rule in the caller's language."""
    return SENTENCES[code][(get_language() or "").startswith("zh")]
