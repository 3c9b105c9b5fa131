"""Pages that anybody reads, beside views that say nothing."""

import itertools
import json
import random
from urllib.parse import urlsplit

from tests.bench.bench import Bench
from tests.bench.driver import Client, Work, Wrong

SECTION = "/api/v1/sections/hubei/products"
CURSORS_MIN = 500
PAGE_SIZE = 20
CARD = {
    "id", "title", "cover_url", "price_from_fen", "unit_price", "origin", "shop", "sold",
    "in_stock", "badges", "original_price_fen", "promotion",
}  # fmt: skip
PAGE = CARD | {"skus", "category", "description", "photos", "published_at"}


def run(bench: Bench) -> None:
    """Read section pages and product pages at random, and nothing at all."""
    with bench.market.held_still():
        found = walk(bench)
        bench.alternate(
            {
                "healthz (the driver's own limit)": always("/healthz"),
                "a plain Django view": always("/api/v1/bench/plain"),
                "an empty view of the framework": always("/api/v1/bench/empty"),
                "a kept page, its age asked": always("/api/v1/bench/kept"),
                "section page of 20": pages(found),
                "product page": _products(bench),
            }
        )
    for page in ("section page of 20", "product page"):
        bench.compare(page, "an empty view of the framework", 0.5)


def always(path: str) -> Work:
    """Return the work of asking for one address again and again."""

    async def work(client: Client) -> None:
        await client.ask("GET", path)

    return work


def walk(bench: Bench) -> dict[str, bytes]:
    """Read a section from its first page to its last; return each address with its body."""
    pages: dict[str, bytes] = {}
    seen: list[str] = []

    async def walk(client: Client) -> None:
        shown = (await client.ask("GET", "/api/v1/sections/hubei")).json()["products"]
        path = SECTION
        while path:
            answer = await client.ask("GET", path)
            pages[path] = answer.body
            said = json.loads(answer.body)
            if any(set(card) != CARD for card in said["results"]):
                raise Wrong(f"{path} shows cards of another kind")
            seen.extend(card["id"] for card in said["results"])
            onward = urlsplit(said["next"] or "")
            path = f"{onward.path}?{onward.query}" if onward.path else ""
        if len(seen) != shown or len(set(seen)) != shown:
            raise Wrong(f"{shown} products, {len(seen)} seen, {len(set(seen))} different")

    bench.driver.signed_in(None).each_once(walk, only_first=True)
    bench.promises["pages walked without a gap or a double"] = True
    bench.notes.append(f"{len(pages)} distinct cursors walked, {len(seen)} products in the section")
    if len(pages) < CURSORS_MIN:
        bench.notes.append(f"fewer than {CURSORS_MIN} cursors: the catalogue is small")
    return pages


def pages(found: dict[str, bytes]) -> Work:
    """Return the work of reading pages at random, each of which says what it said before."""
    paths = list(found)
    random.Random(1).shuffle(paths)
    turns = itertools.cycle(paths)

    async def work(client: Client) -> None:
        path = next(turns)
        if (await client.ask("GET", path)).body != found[path]:
            raise Wrong(f"{path} says something else than when it was walked")

    return work


def _products(bench: Bench) -> Work:
    references = list(bench.facts["products"])
    random.Random(2).shuffle(references)
    turns = itertools.cycle(references)

    async def work(client: Client) -> None:
        reference = next(turns)
        said = (await client.ask("GET", f"/api/v1/products/{reference}")).json()
        if said["id"] != reference or not said["skus"] or not set(said) >= PAGE:
            raise Wrong(f"{reference} shows another product")

    return work
