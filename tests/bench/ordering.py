"""Quotes, placements and whole orders, beside a view that only writes the rows of a placement."""

import itertools
import random
from collections.abc import Iterator

from tests.bench import baskets, rows
from tests.bench.baskets import Body
from tests.bench.bench import Bench
from tests.bench.driver import Client, Work, Wrong
from tests.bench.paying import Cashier

PLACED = "placement: 3 lines, 2 shops"
WRITTEN = "the same rows in one statement"


def run(bench: Bench) -> None:
    """Quote, place and order from end to end."""
    dice = random.Random(3)
    lines = [
        [baskets.three_lines(bench, dice) for _ in range(baskets.BASKETS_EACH)]
        for _ in bench.driver.clients
    ]
    with bench.market.held_still():
        wanted = baskets.quoted(bench, lines)
        _copy_placements(bench, wanted)
        bench.alternate(
            {
                WRITTEN: write_at_once,
                PLACED: placing(wanted),
                "quote: 3 lines, 2 shops": _quoting(wanted),
                "whole order: quote, place, pay, finalize": whole_order(bench, wanted),
            },
            signed_in=True,
        )
        _compare_rows(bench, wanted)
        _place_with_coupons(bench)
    bench.compare(PLACED, WRITTEN, 0.4)


def placing(wanted: list[Iterator[Body]]) -> Work:
    """Return the work of placing what each client was quoted."""

    async def work(client: Client) -> None:
        body = next(wanted[client.number])
        answer = await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())
        if b'"state":"PENDING_PAYMENT"' not in answer.body:
            raise Wrong(f"{answer.body[:200]!r}")

    return work


def whole_order(bench: Bench, wanted: list[Iterator[Body]]) -> Work:
    """Return the work of a whole order: its provider is played by the driver, at once."""
    cashier = Cashier(bench.market.secret("SECRET_KEY"))

    async def work(client: Client) -> None:
        asked = {
            name: value
            for name, value in next(wanted[client.number]).items()
            if name != "expected_payable_fen"
        }
        quote = (await client.ask("POST", "/api/v1/quotes", asked)).json()
        body = {**asked, "expected_payable_fen": quote["payable_fen"]}
        placed = await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())
        await cashier.pay(client, placed.json())

    return work


async def write_at_once(client: Client) -> None:
    await client.ask("POST", f"/api/v1/bench/rows/placements?like={client.number}", {}, status=201)


def _quoting(wanted: list[Iterator[Body]]) -> Work:
    async def work(client: Client) -> None:
        body = next(wanted[client.number])
        asked = {"lines": body["lines"], "address": body["address"]}
        said = (await client.ask("POST", "/api/v1/quotes", asked)).json()
        if said["payable_fen"] != body["expected_payable_fen"]:
            raise Wrong("the price has changed")

    return work


def _copy_placements(bench: Bench, wanted: list[Iterator[Body]]) -> None:
    """Let each client place one order, and keep the statement that writes its rows again."""
    orders: dict[int, str] = {}

    async def place(client: Client) -> None:
        body = next(wanted[client.number])
        answer = await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())
        orders[client.number] = answer.json()["id"]

    bench.driver.signed_in(bench.facts["buyers"]).each_once(place)
    with bench.market.database() as connection:
        kept = bench.market.folder / rows.kept_in("placements")
        rows.keep(connection, kept, [orders[number] for number in sorted(orders)])


def _compare_rows(bench: Bench, wanted: list[Iterator[Body]]) -> None:
    """See that a real placement and its floor write as many rows into the same tables."""
    made: list[str] = []

    async def both(client: Client) -> None:
        body = next(wanted[client.number])
        real = await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())
        bare = await client.ask("POST", "/api/v1/bench/rows/placements?like=0", {}, status=201)
        made.extend([real.json()["id"], bare.json()["id"]])

    bench.driver.each_once(both, only_first=True)
    with bench.market.database() as connection:
        real, bare = (rows.count(rows.written_with(connection, order)) for order in made)
    if real != bare:
        raise Wrong(f"a placement writes {real}, its floor {bare}")
    bench.promises["a placement and its floor write the same rows"] = True
    told = ", ".join(f"{count} {table}" for table, count in real.items())
    bench.notes.append(f"rows of one placement: {told}")


def _place_with_coupons(bench: Bench) -> None:
    """Place what uses two coupons each, until the coupons that were handed out are gone."""
    sku, *others = bench.facts["shops"][0]
    lines = [{"sku": one, "quantity": 3} for one in (sku, others[0], bench.facts["shops"][1][0])]
    people = bench.facts["buyers"]
    left = itertools.cycle(range(len(people)))
    pairs = {number: list(person["coupons"]) for number, person in enumerate(people)}

    async def work(client: Client) -> None:
        number = next(left)
        client.person = people[number]
        asked = {
            "lines": lines, "address": client.person["address"], "coupons": pairs[number].pop()
        }  # fmt: skip
        quote = (await client.ask("POST", "/api/v1/quotes", asked)).json()
        if len(quote["coupons"]) != 2:
            raise Wrong(f"{quote['problems']}")
        body = {**asked, "expected_payable_fen": quote["payable_fen"]}
        await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())

    run = bench.driver.drive(work, min(bench.seconds, 4.0))
    bench.notes.append(
        f"quote and placement with two coupons each: {run.rate:.1f}/s over {run.done} orders"
    )
