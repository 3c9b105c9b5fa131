"""What the pages name is there: links, and files by their path or by the end of it."""

import re

from tests.support import house

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|txt|yaml|csv|html))\b")
# Another project's file, from which facts were taken.
ELSEWHERE = {"data/poverty_county_list.csv"}


def _pages():
    return sorted(
        page
        for page in house.ROOT.rglob("*.md")
        if not any(part.startswith(".") for part in page.relative_to(house.ROOT).parts)
    )


def _files():
    return {
        str(path.relative_to(house.ROOT))
        for path in house.ROOT.rglob("*.*")
        if ".local" not in path.parts and path.is_file()
    }


def test_every_link_leads_somewhere():
    broken = [
        (page.name, target)
        for page in _pages()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_file_that_is_named_is_there():
    files = _files()
    missing = [
        (page.name, named)
        for page in _pages()
        for named in FILE.findall(page.read_text(encoding="utf-8"))
        if named not in ELSEWHERE and not any(f"/{path}".endswith(f"/{named}") for path in files)
    ]

    assert missing == []
