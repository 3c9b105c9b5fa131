"""The pages that explain refusals, written in `docs/problems` and served where `type` points."""

import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


@require_safe
def problem_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a refusal means and what a client should do."""
    file = Path(settings.ROOT) / "docs" / "problems" / f"{slug}.md"
    if not file.is_file():
        raise Http404
    return render(
        request,
        "http/problem.html",
        {"slug": slug, "body": page_of(file.read_text(encoding="utf-8"))},
    )


def page_of(markdown: str) -> SafeString:
    """Turn the little Markdown of our own pages into HTML: headings, lists, paragraphs, code."""
    return mark_safe("\n".join(map(_block, re.split(r"\n\s*\n", markdown.strip()))))  # noqa: S308


def _block(block: str) -> str:
    lines = block.splitlines()
    if lines[0].startswith("#"):
        level = len(lines[0]) - len(lines[0].lstrip("#"))
        heading = f"<h{level}>{_inline(lines[0].lstrip('# '))}</h{level}>"
        rest = "\n".join(lines[1:])
        return f"{heading}\n{_block(rest)}" if rest else heading
    if all(line.startswith(("- ", "* ", "  ")) for line in lines):
        items = re.split(r"^[-*] ", block, flags=re.MULTILINE)[1:]
        return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", escape(text)))
