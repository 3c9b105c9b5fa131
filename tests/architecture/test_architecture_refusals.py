"""Every refusal has a code for programs, two sentences for people, and a page that explains it."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.errors import DomainError
from tests.support import house

house.import_everything()

STATUSES = {400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 415, 422, 429, 500, 503}
PAGES = Path(settings.ROOT) / "docs" / "problems"


def kinds_below(kind):
    for below in kind.__subclasses__():
        yield below
        yield from kinds_below(below)


REFUSALS = sorted(
    {kind for kind in kinds_below(DomainError) if house.is_ours(kind)},
    key=lambda kind: (kind.code, kind.__module__),
)
NAMES = [f"{kind.__module__}.{kind.__name__}" for kind in REFUSALS]


@pytest.mark.parametrize("kind", REFUSALS, ids=NAMES)
def test_a_refusal_speaks_to_everybody(kind):
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", kind.code)
    assert vars(kind).get("__doc__"), "its docstring is its sentence in English"
    assert re.search(r"[\u4e00-\u9fff]", kind.zh)
    assert kind.status in STATUSES


@pytest.mark.parametrize("kind", REFUSALS, ids=NAMES)
def test_a_refusal_has_a_page(kind):
    page = PAGES / f"{kind.slug()}.md"

    assert page.is_file(), f"write {page}"
    assert page.read_text(encoding="utf-8").startswith(f"# {kind.code}\n")


def test_a_code_means_one_thing():
    codes = [kind.code for kind in REFUSALS]

    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_every_page_belongs_to_a_refusal():
    slugs = {kind.slug() for kind in REFUSALS}

    assert sorted(page.stem for page in PAGES.glob("*.md") if page.stem not in slugs) == []
