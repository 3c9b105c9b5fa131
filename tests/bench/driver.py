"""Sixteen clients in one process: each asks, reads the whole answer, checks it, asks again.

One event loop and a reader of HTTP that knows no more than it needs, because whatever the driver
spends is taken from the same processors as the market.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
CHUNKED = b"transfer-encoding: chunked"
LAST_CHUNK = b"0\r\n\r\n"
PATIENCE_S = 60.0

Work = Callable[["Client"], Awaitable[None]]


class Wrong(AssertionError):
    """An answer was not what it must be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body, and the head that came before it."""

    status: int
    body: bytes
    head: bytes = b""

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Run:
    """What one stretch of load came to."""

    done: int
    seconds: float
    latencies: list[float]
    driver_share: float

    @property
    def rate(self) -> float:
        """Return how many were done in a second."""
        return self.done / self.seconds

    def within_ms(self, percent: int) -> float:
        """Return the time within which so many of a hundred were done."""
        ordered = sorted(self.latencies)
        return 1_000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


class _Wire(asyncio.Protocol):
    """One connection: a request out, an answer back."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.buffer = b""
        self.waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(END_OF_HEAD)
        body = _body(head.lower(), rest) if found else None
        if body is not None and self.waiting is not None:
            # One request at a time: whatever has arrived belongs to this answer.
            self.buffer = b""
            waiting, self.waiting = self.waiting, None
            waiting.set_result(Answer(int(head[9:12]), body, head))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionResetError("the server hung up"))


@dataclass
class Client:
    """One caller with one connection that stays open."""

    number: int
    host: str
    port: int
    person: Mapping[str, Any] = field(default_factory=dict)
    turn: int = 0
    _wire: _Wire | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, *, status: int | None = 200, **headers: str
    ) -> Answer:
        """Send one request and return the whole answer, which must have the status, if one."""
        content = b"" if body is None else _bytes(body)
        said = {"Host": f"{self.host}:{self.port}", "Accept": "application/json", **headers}
        if method != "GET":
            said |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        if self.person and "Authorization" not in said:
            said["Authorization"] = f"Bearer {self.person['access']}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        wire = self._wire or await self._connect()
        wire.waiting = asyncio.get_running_loop().create_future()
        wire.transport.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)
        answer = await wire.waiting
        if status is not None and answer.status != status:
            raise Wrong(f"{method} {path}: {answer.status} {answer.body[:400]!r}")
        return answer

    async def _connect(self) -> _Wire:
        loop = asyncio.get_running_loop()
        _, self._wire = await loop.create_connection(_Wire, self.host, self.port)
        return self._wire

    def hang_up(self) -> None:
        """Close the connection; the loop that knew it is over."""
        if self._wire is not None:
            self._wire.transport.close()
            self._wire = None


class Driver:
    """A crowd of clients against one address."""

    def __init__(self, url: str, clients: int) -> None:
        address = urlsplit(url)
        self.host, self.port = address.hostname or "127.0.0.1", address.port or 80
        self.clients = [Client(number, self.host, self.port) for number in range(clients)]

    def signed_in(self, people: list[Mapping[str, Any]] | None) -> "Driver":
        """Let each client be somebody, or nobody."""
        for client in self.clients:
            client.person = people[client.number % len(people)] if people else {}
        return self

    def drive(self, work: Work, seconds: float) -> Run:
        """Let all clients work, again and again, until the time is over."""
        return asyncio.run(self._drive(work, seconds))

    def each_once(self, work: Work, *, only_first: bool = False) -> None:
        """Let every client work once, or only the first one."""
        asyncio.run(self._each_once(work, self.clients[:1] if only_first else self.clients))

    async def _each_once(self, work: Work, clients: Sequence[Client]) -> None:
        try:
            await asyncio.gather(*map(work, clients))
        finally:
            for client in clients:
                client.hang_up()

    async def _drive(self, work: Work, seconds: float) -> Run:
        latencies: list[float] = []
        began, used = time.perf_counter(), time.process_time()
        end = began + seconds

        async def keep_working(client: Client) -> None:
            while (started := time.perf_counter()) < end:
                await work(client)
                client.turn += 1
                latencies.append(time.perf_counter() - started)

        try:
            crowd = asyncio.gather(*map(keep_working, self.clients))
            await asyncio.wait_for(crowd, seconds + PATIENCE_S)
        finally:
            for client in self.clients:
                client.hang_up()
        passed = time.perf_counter() - began
        return Run(len(latencies), passed, latencies, (time.process_time() - used) / passed)


def _body(head: bytes, rest: bytes) -> bytes | None:
    """Return the body, or None while some of it is still on its way."""
    if CHUNKED in head:
        return _joined(rest) if rest.endswith(LAST_CHUNK) else None
    length = 0
    for line in head.split(b"\r\n"):
        if line.startswith(LENGTH):
            length = int(line[len(LENGTH) :])
    return rest if len(rest) >= length else None


def _joined(chunks: bytes) -> bytes:
    body = b""
    while not chunks.startswith(LAST_CHUNK):
        size, _, chunks = chunks.partition(b"\r\n")
        body, chunks = body + chunks[: int(size, 16)], chunks[int(size, 16) + 2 :]
    return body


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
