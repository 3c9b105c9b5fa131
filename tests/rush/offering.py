"""Requests offered at their instants, whether or not the earlier ones were answered.

How long an answer took is counted from the instant at which its request was due, so that a market
that is slow cannot slow its own measure down.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.bench.driver import Answer, Client

ORDERS = "/api/v1/orders"
PATIENCE_S = 90.0
PAY_TRIES_MAX = 60
AGAIN = {429, 502, 503}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who is signed in and has said where to send it."""

    access: str
    address: str


@dataclass
class Told:
    """One request and what was heard: the first answer, and the last one where it was repeated."""

    buyer: Buyer
    body: dict[str, Any]
    due_s: float
    key: str = field(default_factory=lambda: str(uuid4()))
    status: int = 0
    code: str = ""
    seconds: float = 0.0
    retry_after_s: float | None = None
    # Whatever came after: how often it was sent again, what was heard in the end, and was it paid.
    repeats: int = 0
    last_status: int = 0
    last_code: str = ""
    accepted_after_s: float = 0.0
    order: str = ""
    is_paid: bool = False
    failure: str = ""


class Counter:
    """A crowd at one address; connections are kept and handed on."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.host, self.port = address.hostname or "127.0.0.1", address.port or 80
        self.idle: list[Client] = []
        self.opened = 0

    def offer(self, wishes: Iterable[Told], *, is_patient: bool) -> float:
        """Send every request when it is due; return when the last one was answered and paid for.

        Who is patient comes again with the same request after 429, as long as they are told to.
        """
        return asyncio.run(self._offer(list(wishes), is_patient=is_patient))

    async def _offer(self, wishes: list[Told], *, is_patient: bool) -> float:
        began = time.perf_counter()

        async def come(wish: Told) -> None:
            await asyncio.sleep(max(0.0, began + wish.due_s - time.perf_counter()))
            try:
                await asyncio.wait_for(self._shop(wish, began, is_patient=is_patient), PATIENCE_S)
            except (OSError, TimeoutError, AssertionError, ValueError) as wrong:
                wish.failure = repr(wrong)[:300]

        await asyncio.gather(*map(come, wishes))
        for client in self.idle:
            client.hang_up()
        self.idle.clear()
        return time.perf_counter() - began

    async def _shop(self, wish: Told, began: float, *, is_patient: bool) -> None:
        answer = await self._ask(wish.buyer, ORDERS, wish.body, wish.key)
        wish.status, wish.code = answer.status, _code(answer)
        wish.seconds = time.perf_counter() - began - wish.due_s
        wish.retry_after_s = _retry_after(answer)
        while is_patient and answer.status in AGAIN:
            wish.repeats += 1
            await asyncio.sleep(_retry_after(answer) or 1.0)
            answer = await self._ask(wish.buyer, ORDERS, wish.body, wish.key)
        wish.last_status, wish.last_code = answer.status, _code(answer)
        if answer.status == 201:
            wish.accepted_after_s = time.perf_counter() - began - wish.due_s
            wish.order = answer.json()["id"]
            await self._pay(wish)

    async def _pay(self, wish: Told) -> None:
        body = {"provider": "sandbox"}
        opened = await self._insist(wish.buyer, f"{ORDERS}/{wish.order}/payments", body)
        payment = opened.json()["id"]
        await self._insist(wish.buyer, f"/api/v1/sandbox/payments/{payment}/capture", {})
        wish.is_paid = True

    async def _insist(self, buyer: Buyer, path: str, body: Any) -> Answer:
        key = str(uuid4())
        for _ in range(PAY_TRIES_MAX):
            answer = await self._ask(buyer, path, body, key)
            busy = answer.status == 409 and _code(answer) in {"BUSY", "REQUEST_IN_FLIGHT"}
            if answer.status not in AGAIN and not busy:
                break
            await asyncio.sleep(_retry_after(answer) or 1.0)
        assert answer.status < 300, f"{path}: {answer.status} {answer.body[:200]!r}"
        return answer

    async def _ask(self, buyer: Buyer, path: str, body: Any, key: str) -> Answer:
        async def send(client: Client) -> Answer:
            said = {"Authorization": f"Bearer {buyer.access}", "Idempotency-Key": key}
            return await client.ask("POST", path, body, status=None, **said)

        return await self._with_a_connection(send)

    async def _with_a_connection(self, send: Callable[[Client], Awaitable[Answer]]) -> Answer:
        if not self.idle:
            self.opened += 1
        client = self.idle.pop() if self.idle else Client(self.opened, self.host, self.port)
        try:
            answer = await send(client)
        except BaseException:
            client.hang_up()
            raise
        self.idle.append(client)
        return answer


def _code(answer: Answer) -> str:
    if answer.status < 400:
        return ""
    try:
        return str(json.loads(answer.body).get("code", answer.status))
    except ValueError:
        return f"NOT_JSON_{answer.status}"


def _retry_after(answer: Answer) -> float | None:
    for line in answer.head.lower().split(b"\r\n"):
        if line.startswith(b"retry-after:"):
            return float(line.partition(b":")[2])
    return None
