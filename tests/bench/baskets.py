"""What the clients order, with the price that each was quoted before anything is timed."""

import itertools
import random
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.bench import Bench
from tests.bench.driver import Client, Wrong

BASKETS_EACH = 30
Body = dict[str, Any]


def three_lines(bench: Bench, dice: random.Random) -> list[Body]:
    """Return three lines from two shops."""
    one, other = dice.sample(bench.facts["shops"], 2)
    skus = [*dice.sample(one, 2), dice.choice(other)]
    return [{"sku": sku, "quantity": dice.randint(1, 3)} for sku in skus]


def quoted(bench: Bench, lines: Sequence[Sequence[Sequence[Body]]]) -> list[Iterator[Body]]:
    """Let each client ask for the price of its baskets; return what each will order, for ever."""
    bodies: list[list[Body]] = [[] for _ in bench.driver.clients]

    async def ask(client: Client) -> None:
        for basket in lines[client.number]:
            wanted = {"lines": basket, "address": client.person["address"]}
            said = (await client.ask("POST", "/api/v1/quotes", wanted)).json()
            if said["problems"]:
                raise Wrong(f"{said['problems']}")
            bodies[client.number].append({**wanted, "expected_payable_fen": said["payable_fen"]})

    bench.driver.signed_in(bench.facts["buyers"]).each_once(ask)
    return [itertools.cycle(each) for each in bodies]


def key() -> dict[str, str]:
    """Return the header that makes a request one request."""
    return {"Idempotency-Key": uuid.uuid4().hex}
