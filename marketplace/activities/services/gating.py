"""The gate before a flash sale: the whole crowd does not reach the database.

It lets in half as many again as there are pieces left, and never decides who gets one: that is done
by the guarded UPDATEs, with Redis or without (`core/http/gates.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from core.errors import DomainError
from core.http import gates
from core.http.gates import Gate, Standing
from marketplace.activities.selectors import flash

# Gates are written ahead, so that they stand at the very instant at which a sale begins.
AHEAD = timedelta(minutes=1)
# Half as many again as there are pieces: not everybody who is let in buys.
PARTS, OF = 3, 2
# Where the pieces are gone, the goods are sold at their ordinary price to so many between two
# looks; and pieces come back.
TOKENS_MIN = 10


class FlashSaleCrowded(DomainError):
    """More people want this at this moment than there are pieces; please try again shortly."""

    code = "FLASH_SALE_CROWDED"
    zh = "抢购人数过多，请稍后再试。"
    status = 429
    retry_after_s = 3


@contextmanager
def entered(
    skus: Sequence[str],
    *,
    who: str,
    now: datetime,
    uses_up: Callable[[DomainError], bool] = lambda refusal: False,  # noqa: ARG005
) -> Iterator[bool]:
    """Let one request for these SKUs in, and give its token back where it comes to nothing.

    Whoever enters hears whether there was a gate.

    A refusal that `uses_up` a token says that the pieces were gone: its token stays away.

    Raises:
        FlashSaleCrowded: one of the SKUs is in a flash sale that enough others want already.
    """
    answer = gates.ask(skus, who=who)
    if answer.standing is Standing.UNKNOWN:
        refresh(now=now)
        answer = gates.ask(skus, who=who)
    if answer.standing is Standing.CLOSED:
        raise FlashSaleCrowded(flash_sale=answer.names[0])
    try:
        yield answer.standing is Standing.LET_IN
    except DomainError as refusal:
        if answer.standing is Standing.LET_IN:
            if uses_up(refusal):
                gates.forget(answer)
            else:
                gates.give_back(answer)
        raise


def refresh(*, now: datetime) -> None:
    """Write the gates down as the flash sales of this moment, and of the next, need them."""
    gates.write(
        Gate(
            name=str(sale.reference),
            goods=str(sale.sku),
            opens_at=sale.starts_at,
            closes_at=sale.ends_at,
            tokens=max(-(-sale.left * PARTS // OF), TOKENS_MIN),
        )
        for sale in flash.at_hand(now, until=now + AHEAD)
    )
