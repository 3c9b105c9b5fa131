"""How many checkouts are worked on at once: whoever comes besides hears so at once.

What waits in front of a full process is answered late or never; a refusal costs a millisecond.
"""

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import DomainError
from core.http.callers import caller_of
from core.http.idempotency import key_of
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.services import gating
from orders.placement.domain.problems import OutOfStock
from orders.placement.services.placement import QuoteStale

RETRY_AFTER_S_MAX = 3


class CheckoutCrowded(DomainError):
    """Many orders are being placed at this moment; please send the same again shortly."""

    code = "CHECKOUT_CROWDED"
    zh = "当前下单人数较多，请稍后重试同一请求。"
    status = 429

    def __init__(self) -> None:
        # Not all of them at the same instant again.
        super().__init__(retry_after_s=1 + secrets.randbelow(RETRY_AFTER_S_MAX))


REFUSALS: tuple[type[DomainError], ...] = (CheckoutCrowded, gating.FlashSaleCrowded)


class _Counter:
    """How many checkouts this process is working on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0

    def enter(self, most: int) -> bool:
        with self.lock:
            if self.is_full(most):
                return False
            self.inside += 1
            return True

    def is_full(self, most: int) -> bool:
        return bool(most) and self.inside >= most

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1


_checkouts, _flash_checkouts = _Counter(), _Counter()


@contextmanager
def at_the_counter() -> Iterator[None]:
    """Take one of the places that this process has for checkouts, and leave it in the end.

    Raises:
        CheckoutCrowded: all of them are taken.
    """
    with _place(_checkouts, settings.MARKETPLACE_CHECKOUTS_AT_ONCE):
        yield


class OneOfManyCheckouts(APIView):
    """A view whose POST is a checkout: where there is no place, nobody is even asked who they are.

    Between this look and the place itself somebody else may come; the place decides.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST" and _checkouts.is_full(settings.MARKETPLACE_CHECKOUTS_AT_ONCE):
            raise CheckoutCrowded
        super().initial(request, *args, **kwargs)


@contextmanager
def through_the_gate(request: Request, skus: Sequence[str], *, now: datetime) -> Iterator[None]:
    """Pass the gates of the flash sales that these SKUs are in, once for each request.

    Raises:
        IdempotencyKeyRequired: the request has no key to be known by again.
        FlashSaleCrowded: enough others want the same already.
        CheckoutCrowded: this process works on enough others who do.
    """
    who = f"{caller_of(request)} {key_of(request)}"
    with gating.entered(skus, who=who, now=now, uses_up=_says_that_pieces_are_gone) as is_gated:
        if not is_gated:
            yield
            return
        with _place(_flash_checkouts, settings.MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE):
            yield


@contextmanager
def _place(counter: _Counter, most: int) -> Iterator[None]:
    if not counter.enter(most):
        raise CheckoutCrowded
    try:
        yield
    finally:
        counter.leave()


def _says_that_pieces_are_gone(refusal: DomainError) -> bool:
    # A sale without pieces prices nothing any more: what was agreed to is stale.
    if not isinstance(refusal, QuoteStale):
        return isinstance(refusal, OutOfStock)
    lines = (line for shop in refusal.facts["quote"]["shops"] for line in shop["lines"])
    return all((line["activity"] or {}).get("kind") != ActivityKind.FLASH for line in lines)
