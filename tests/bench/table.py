"""The table at the end, as text and as Markdown."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.bench.bench import Bench
from tests.support.stack import Stack


def shown(bench: Bench) -> str:
    """Return everything that was found."""
    return "\n".join([*_figures(bench), "", *_ratios(bench), "", *_rest(bench)])


def plans(bench: Bench) -> Iterator[str]:
    """Return how each statement of the hot reads was executed."""
    for plan in bench.plans:
        yield from ("", f"{plan['read']}:", *(f"    {line}" for line in plan["plan"]))


def conditions(bench: Bench, load: float) -> list[str]:
    """Return what the figures were made under."""
    return [
        *machine(bench.market, load),
        f"{len(bench.driver.clients)} clients in one process, {bench.seconds:g} s a stretch,"
        f" {bench.repeats} alternating repeats, {len(bench.facts['products'])} products",
    ]


def machine(stack: Stack, load: float) -> list[str]:
    """Return what stands under the market, and what else it did before."""
    with psycopg.connect(stack.database_url) as connection:
        (server,) = connection.execute("SHOW server_version").fetchone() or ("?",)
        (durable,) = connection.execute(
            "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings"
            " WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers')"
        ).fetchone() or ("?",)
    return [
        f"{os.cpu_count()} processors: {_processor()}; load {load:.2f} before the run",
        f"Python {platform.python_version()}, PostgreSQL {server} ({durable})",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _figures(bench: Bench) -> Iterator[str]:
    yield (
        "| work | a second (lowest - highest) | p50 ms | p95 ms |"
        " processors: web, postgres, valkey, driver |"
    )
    yield "|---|---|---|---|---|"
    for figure in bench.figures.values():
        used = figure.processors
        yield (
            f"| {figure.name} | {figure.rate:.1f}"
            f" ({min(figure.rates):.1f} - {max(figure.rates):.1f})"
            f" | {figure.within_ms(50):.1f} | {figure.within_ms(95):.1f}"
            f" | {used['web']:.2f}, {used['postgres']:.2f}, {used['valkey']:.2f},"
            f" {figure.driver_share:.2f} |"
        )


def _ratios(bench: Bench) -> Iterator[str]:
    yield "| bar | found (lowest - highest of the repeats) | |"
    yield "|---|---|---|"
    for ratio in bench.ratios:
        verdict = "reached" if ratio.is_reached else "NOT reached"
        yield (
            f"| {ratio.of}: at least {ratio.bar:.0%} of {ratio.to} | {ratio.median:.0%}"
            f" ({min(ratio.values):.0%} - {max(ratio.values):.0%}) | {verdict} |"
        )


def _rest(bench: Bench) -> Iterator[str]:
    yield from (f"- {note}" for note in bench.notes)
    for promise, is_kept in bench.promises.items():
        yield f"- {promise}: {'yes' if is_kept else 'NO'}"
