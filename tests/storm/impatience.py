"""A client as phones in bad weather are: hangs up early, taps twice, always with the same key."""

import contextlib
import http.client
import random
from typing import Any

from tests.market_day.client import Client, Counter

HANGS_UP = 0.05
TAPS_TWICE = 0.05
# What a stored answer stands behind: its repetition is the same, byte for byte.
REMEMBERED = ("/orders",)
REPEATED = ("/orders", "/coupon-batches", "/sandbox/payments")
HANGS_UP_AFTER_S = 0.03


class AnsweredOtherwise(AssertionError):
    """The same request with the same key was answered in two ways."""


class ImpatientClient(Client):
    """Sends some requests twice, the first time without waiting for the answer."""

    def __init__(self, url: str, counter: Counter, dice: random.Random) -> None:
        super().__init__(url, counter)
        self.dice = dice

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", absolute: bool = False
    ) -> dict[str, Any]:
        may_repeat = method == "POST" and path.startswith(REPEATED)
        if may_repeat and self.dice.random() < HANGS_UP:
            self._hang_up(path, body, key)
        answer = super().call(method, path, body, key=key, absolute=absolute)
        if may_repeat and self.dice.random() < TAPS_TWICE:
            again = super().call(method, path, body, key=key, absolute=absolute)
            if path in REMEMBERED and again != answer:
                raise AnsweredOtherwise(f"{method} {path}: {answer} and then {again}")
        return answer

    def _hang_up(self, path: str, body: Any, key: str) -> None:
        self.counter.note_repeat(cut=True)
        connection = http.client.HTTPConnection(
            self.address.hostname or "127.0.0.1", self.address.port, timeout=HANGS_UP_AFTER_S
        )
        content, headers = self.packed(body, key)
        # Whatever became of it is not looked at: that is what hanging up means.
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", f"/api/v1{path}", body=content, headers=headers)
            connection.getresponse()
        connection.close()
