"""Somebody who may use an address of the table, with a client."""

import json
import re
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.factories.accounts import bearer
from tests.support.addresses import ADDRESSES, Address
from tests.support.spoiling import LONE_SURROGATE
from tests.support.world import World


class Caller:
    """Somebody at one address, with a new idempotency key for every call."""

    def __init__(
        self, method: str, pattern: str, address: Address, world: World | None = None
    ) -> None:
        self.world, self.method, self.pattern = world or World(), method, pattern
        self.client = Client(raise_request_exception=False)
        self.headers = bearer(getattr(self.world, address.who)) if address.who else {}
        self.at = address.at(self.world)

    def good(self) -> Any:
        """Return the body of the table, where the address takes one."""
        body = ADDRESSES[self.method, self.pattern].body
        return body(self.world) if body else None

    def path(self, **changes: Any) -> str:
        values = self.at | changes
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(values[part[1]]), self.pattern)
        return f"/api/v1/{filled}"

    def send(self, body: Any = None, path: str = "", media_type: str = "application/json"):
        if not isinstance(body, (bytes, str)) and body is not None:
            body = json.dumps(body).replace(LONE_SURROGATE, "\\ud800")
        return self.client.generic(
            self.method,
            path or self.path(),
            b"" if body is None else body,
            content_type=media_type,
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **self.headers,
        )
