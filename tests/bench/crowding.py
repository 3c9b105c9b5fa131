"""Everybody wants the same SKU, the same coupons; against everybody wanting others."""

import itertools
import random

from tests.bench import baskets
from tests.bench.bench import Bench
from tests.bench.driver import Client, Work
from tests.bench.ordering import placing

SPREAD_SKUS, HOT_SKUS = "orders spread over many SKUs", "orders of one hot SKU"
SPREAD_BATCHES, HOT_BATCH = "claims spread over 16 batches", "claims on one hot batch"
RAW_SPREAD = "the rows of a claim in one statement, spread"
RAW_HOT = "the rows of a claim in one statement, one batch"
BAR = 0.7


def orders(bench: Bench) -> None:
    """Order one line: all the same SKU of 16 shards, or each another one of 16 shards."""
    dice = random.Random(4)
    skus = bench.facts["crowded"]
    spread = [
        [[{"sku": sku, "quantity": 1}] for sku in dice.sample(skus, min(16, len(skus)))]
        for _ in bench.driver.clients
    ]
    hot = [[[{"sku": skus[0], "quantity": 1}]] for _ in bench.driver.clients]
    with bench.market.held_still():
        bench.alternate(
            {
                SPREAD_SKUS: placing(baskets.quoted(bench, spread)),
                HOT_SKUS: placing(baskets.quoted(bench, hot)),
            },
            signed_in=True,
        )
    bench.compare(HOT_SKUS, SPREAD_SKUS, BAR)


def claims(bench: Bench) -> None:
    """Claim coupons: all of one batch, or each of another one; over HTTP, and by bare SQL."""
    batches = bench.facts["batches"]
    with bench.market.held_still():
        bench.alternate(
            {
                RAW_SPREAD: _bare(bench, batches),
                RAW_HOT: _bare(bench, batches[:1]),
                SPREAD_BATCHES: _claiming(bench, batches),
                HOT_BATCH: _claiming(bench, batches[:1]),
            },
            signed_in=True,
        )
    bench.compare(HOT_BATCH, SPREAD_BATCHES, BAR)


def _claiming(bench: Bench, batches: list[str]) -> Work:
    people = itertools.cycle(bench.facts["buyers"])

    async def work(client: Client) -> None:
        client.person = next(people)
        batch = batches[(client.number + client.turn) % len(batches)]
        path = f"/api/v1/coupon-batches/{batch}/claims"
        await client.ask("POST", path, {}, status=201, **baskets.key())

    return work


def _bare(bench: Bench, batches: list[str]) -> Work:
    people = itertools.cycle(bench.facts["buyers"])

    async def work(client: Client) -> None:
        batch = batches[(client.number + client.turn) % len(batches)]
        path = f"/api/v1/bench/claim?batch={batch}&user={next(people)['key']}"
        await client.ask("POST", path, {}, status=201)

    return work
