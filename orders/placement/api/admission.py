"""How many checkouts are worked on at once: whoever comes besides hears so at once.

What waits in front of a full process is answered late or never; a refusal costs a millisecond.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from rest_framework.request import Request

from core.errors import DomainError
from core.http.callers import caller_of
from core.http.idempotency import key_of
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.services import gating
from orders.placement.domain.problems import OutOfStock
from orders.placement.services.placement import QuoteStale


class CheckoutCrowded(DomainError):
    """Many orders are being placed at this moment; please send the same again shortly."""

    code = "CHECKOUT_CROWDED"
    zh = "当前下单人数较多，请稍后重试同一请求。"
    status = 429
    retry_after_s = 1


REFUSALS: tuple[type[DomainError], ...] = (CheckoutCrowded, gating.FlashSaleCrowded)


class _Counter:
    """How many checkouts this process is working on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0

    def enter(self, most: int) -> bool:
        with self.lock:
            if most and self.inside >= most:
                return False
            self.inside += 1
            return True

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1


_counter = _Counter()


@contextmanager
def at_the_counter() -> Iterator[None]:
    """Take one of the places that this process has for checkouts, and leave it in the end.

    Raises:
        CheckoutCrowded: all of them are taken.
    """
    if not _counter.enter(settings.MARKETPLACE_CHECKOUTS_AT_ONCE):
        raise CheckoutCrowded
    try:
        yield
    finally:
        _counter.leave()


@contextmanager
def through_the_gate(request: Request, skus: Sequence[str], *, now: datetime) -> Iterator[None]:
    """Pass the gates of the flash sales that these SKUs are in, once for each request.

    Raises:
        IdempotencyKeyRequired: the request has no key to be known by again.
        FlashSaleCrowded: enough others want the same already.
    """
    who = f"{caller_of(request)} {key_of(request)}"
    with gating.entered(skus, who=who, now=now, uses_up=_says_that_pieces_are_gone):
        yield


def _says_that_pieces_are_gone(refusal: DomainError) -> bool:
    # A sale without pieces prices nothing any more: what was agreed to is stale.
    if not isinstance(refusal, QuoteStale):
        return isinstance(refusal, OutOfStock)
    lines = (line for shop in refusal.facts["quote"]["shops"] for line in shop["lines"])
    return all((line["activity"] or {}).get("kind") != ActivityKind.FLASH for line in lines)
