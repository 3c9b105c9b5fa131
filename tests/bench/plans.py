"""How the hot reads are planned with the whole catalogue; runs inside the market it looks at."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.local.bootstrap import ROOT
from tests.bench.bench import Bench

SECTION = "/api/v1/sections/hubei"
DEEP = 40
# What has fewer rows does not grow with the catalogue: sections, categories, programmes, batches.
GROWS_FROM = 2_000
# As many as the country has, whatever is sold.
FIXED = ["regions_region"]


def run(bench: Bench) -> None:
    """Plan every statement of the hot reads; none may read a growing table from end to end."""
    asked, found = bench.market.folder / "asked.json", bench.market.folder / "plans.json"
    buyer, shop = bench.facts["buyers"][0], bench.facts["shops"][0]
    asked.write_text(
        json.dumps({"product": bench.facts["products"][0], "buyer": buyer, "skus": shop[:3]}),
        encoding="utf-8",
    )
    call = f"from tests.bench.plans import explain; explain({str(asked)!r}, {str(found)!r})"
    with bench.market.held_still():
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", call],
            cwd=ROOT, env={**bench.market.environment, "LOG_LEVEL": "ERROR"}, check=True,
        )  # fmt: skip
    plans = json.loads(found.read_text(encoding="utf-8"))
    bench.plans = plans
    walked = [f"{plan['read']}: {table}" for plan in plans for table in plan["walked"]]
    bench.promises["no hot read walks through a table that grows with the catalogue"] = not walked
    bench.notes += [f"walks through a table: {one}" for one in walked]


def explain(asked: str, found: str) -> None:
    """Make each hot read once, and write down how each of its statements was executed."""
    facts = json.loads(Path(asked).read_text(encoding="utf-8"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plans = [
        {"read": name, "plan": plan, "walked": _walked(plan)}
        for name, statements in _reads(facts)
        for plan in map(_plan, statements)
    ]
    Path(found).write_text(json.dumps(plans, ensure_ascii=False), encoding="utf-8")


def _reads(facts: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    client = Client(SERVER_NAME="127.0.0.1")
    signed_in = {"HTTP_AUTHORIZATION": f"Bearer {facts['buyer']['access']}"}
    deep = f"{SECTION}/products"
    for _ in range(DEEP):
        deep = client.get(deep).json()["next"]
    for name, path in (
        ("section page", f"{SECTION}/products"),
        (f"section page {DEEP}", deep),
        ("section page by price", f"{SECTION}/products?ordering=price"),
        ("section page of a category", f"{SECTION}/products?category=citrus"),
        ("section page of a county", f"{SECTION}/products?origin=420527"),
        ("facets of a section", f"{SECTION}/facets"),
        ("products", "/api/v1/products"),
        ("products of a province", "/api/v1/products?origin=420000"),
        ("product page", f"/api/v1/products/{facts['product']}"),
    ):
        yield name, _statements(client, "get", path)
    wanted = {
        "lines": [{"sku": sku, "quantity": 1} for sku in facts["skus"]],
        "address": facts["buyer"]["address"],
        "best_coupons": True,
    }
    yield "quote", _statements(client, "post", "/api/v1/quotes", wanted, **signed_in)
    for name, path in (
        ("coupons to claim", "/api/v1/coupon-batches?section=hubei"),
        ("wallet", "/api/v1/me/coupons"),
        ("my orders", "/api/v1/orders"),
    ):
        yield name, _statements(client, "get", path, **signed_in)


def _statements(client: Client, verb: str, path: str, body: Any = None, **sent: Any) -> list[str]:
    given: dict[str, Any] = dict(sent)
    if body is not None:
        given |= {"data": json.dumps(body), "content_type": "application/json"}
    with CaptureQueriesContext(connection) as captured:
        answer = getattr(client, verb)(path, **given)
    if answer.status_code != 200:
        raise ValueError(f"{path}: {answer.status_code} {answer.content!r}")
    return [query["sql"] for query in captured.captured_queries]


def _plan(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, SUMMARY OFF) " + statement)
        return [line for (line,) in cursor.fetchall()]


def _walked(plan: list[str]) -> list[str]:
    tables = [
        line.partition("Seq Scan on ")[2].split()[0] for line in plan if "Seq Scan on" in line
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples >= %s"
            " AND relname <> ALL(%s)",
            [tables, GROWS_FROM, FIXED],
        )
        return [table for (table,) in cursor.fetchall()]
