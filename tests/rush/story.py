"""One rush from the first stall to the books: everybody orders, then everybody wants the same."""

import random
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.market_day import cast, opening
from tests.market_day.client import Client, Counter
from tests.market_day.opening import Stall
from tests.market_day.story import STAFF_PHONE
from tests.rush import offering
from tests.rush.offering import Buyer, Told
from tests.storm.books import Books
from tests.support.stack import Stack

DRAIN_S_MAX = 300
LOOK_EVERY_S = 0.25
WARM_UP_S = 6
# What is owed to somebody; when all of it is zero, the backlog is gone.
OWED = """
    SELECT 'orders to be paid', count(*) FROM placement_order WHERE state = 'PENDING_PAYMENT'
    UNION ALL
    SELECT 'parts to be sent', count(*) FROM placement_shoporder WHERE state = 'PAID'
    UNION ALL
    SELECT 'parcels without a waybill', count(*) FROM parcels_parcel WHERE state = 'PLANNED'
    UNION ALL
    SELECT 'deliveries', count(*) FROM outbox_delivery WHERE state = 'PENDING'
    UNION ALL
    SELECT 'payments', count(*) FROM payments_payment WHERE state IN ('INIT', 'PROCESSING')
    UNION ALL
    SELECT 'callbacks of the provider', count(*) FROM sandbox_provider_notice
    WHERE answered_at IS NULL AND attempts < 12
"""


@dataclass(frozen=True)
class Force:
    """How many come, for how much, and how fast."""

    buyers: int = 500
    farmers: int = 10
    products: int = 40
    checkouts: int = 1_000
    checkout_s: float = 10
    # One in so many checkouts wants goods of which there are too few.
    scarce_every: int = 5
    scarce: int = 100
    pieces: int = 100
    requests: int = 5_000
    flash_s: float = 30
    seed: int = 20_261_111


@dataclass
class Rush:
    """One rush on one market."""

    stack: Stack
    force: Force
    say: Callable[[str], None]

    def run(self) -> dict[str, Any]:
        """Open, let everybody come twice, and return what was found."""
        counter = Counter()
        staff = Client(self.stack.url, counter)
        staff.sign_in(STAFF_PHONE)
        stalls = self._timed("farmers open shops", lambda: self._opened(staff, counter))
        buyers = self._timed("buyers arrive", lambda: self._arrived(counter))
        wishes = self._timed("they are quoted", lambda: self._wishes(buyers, stalls, counter))
        checkouts = self._rushed("checkouts", wishes, is_patient=True)
        sale = self._planned(stalls[0])
        taps = self._taps(buyers, sale)
        flash = self._rushed("taps on a flash sale", taps, is_patient=False)
        return {
            "checkouts": _figures(wishes) | checkouts | self._scarce_figures(stalls[1]),
            "flash sale": _figures(taps) | flash | self._sale_figures(sale),
        }

    def _opened(self, staff: Client, counter: Counter) -> list[Stall]:
        force = self.force
        stalls = opening.open_shops(
            self.stack.url, counter, staff,
            farmers=force.farmers, products=force.products, seed=force.seed,
        )  # fmt: skip
        for stall in stalls:
            for sku in stall.skus:
                self._stock(stall, sku, force.checkouts)
        # Of the second stall's first goods there are too few; the first one's are kept for later.
        self._stock(stalls[1], stalls[1].skus[0], force.scarce)
        return stalls

    def _stock(self, stall: Stall, sku: dict[str, Any], pieces: int) -> None:
        change = pieces - sku["available"]
        sku["available"] = pieces
        if change:
            stall.client.post(
                f"/seller/skus/{sku['id']}/stock-adjustments",
                {"change": change, "reason": "before the rush"},
            )

    def _arrived(self, counter: Counter) -> list[Buyer]:
        def arrive(number: int) -> Buyer:
            client = Client(self.stack.url, counter)
            client.sign_in(cast.buyer_phone(number))
            place = {
                "recipient": cast.farmer_name(number + 7),
                "phone": cast.buyer_phone(number),
                "region": cast.ADDRESSES[number % len(cast.ADDRESSES)],
                "street": f"人民路{number + 1}号",
                "is_default": True,
            }
            address = client.post("/me/addresses", place)["id"]
            client.close()
            return Buyer(client.token, address)

        with ThreadPoolExecutor(max_workers=8) as crew:
            return list(crew.map(arrive, range(self.force.buyers)))

    def _wishes(self, buyers: Sequence[Buyer], stalls: list[Stall], counter: Counter) -> list[Told]:
        """Return checkouts of one line each, with what they will cost."""
        force, dice = self.force, random.Random(self.force.seed)
        goods = [sku["id"] for stall in stalls[2:] for sku in stall.skus]
        chosen = [
            (
                buyers[number % len(buyers)],
                stalls[1].skus[0]["id"] if number % force.scarce_every == 0 else dice.choice(goods),
                number * force.checkout_s / force.checkouts,
            )
            for number in range(force.checkouts)
        ]

        def quoted(wish: tuple[Buyer, str, float]) -> Told:
            buyer, sku, due_s = wish
            client = Client(self.stack.url, counter)
            client.token = buyer.access
            wanted = {"lines": [{"sku": sku, "quantity": 1}], "address": buyer.address}
            payable_fen = client.post("/quotes", wanted)["payable_fen"]
            client.close()
            return Told(buyer, {**wanted, "expected_payable_fen": payable_fen}, due_s)

        with ThreadPoolExecutor(max_workers=8) as crew:
            return list(crew.map(quoted, chosen))

    def _planned(self, stall: Stall) -> dict[str, Any]:
        """Plan a flash sale that begins in a moment, when its gate stands."""
        sku, now = stall.skus[0], datetime.now(UTC)
        self._reprice(stall, sku)
        return stall.client.post(
            f"/seller/shops/{stall.id}/flash-sales",
            {
                "sku": sku["id"],
                "price_fen": 1_000,
                "quantity": self.force.pieces,
                "per_user_limit": 1,
                "starts_at": (now + timedelta(seconds=WARM_UP_S)).isoformat(),
                "ends_at": (now + timedelta(minutes=30)).isoformat(),
            },
        )

    def _reprice(self, stall: Stall, sku: dict[str, Any]) -> None:
        stall.client.call("PATCH", f"/seller/skus/{sku['id']}", {"price_fen": 4_000})

    def _taps(self, buyers: Sequence[Buyer], sale: dict[str, Any]) -> list[Told]:
        """Return requests spread over the time, each person tapping again and again."""
        force, dice = self.force, random.Random(self.force.seed + 1)
        quoting = Client(self.stack.url, Counter())
        quoting.token = buyers[0].access
        begins = datetime.fromisoformat(sale["starts_at"])
        time.sleep(max(0.0, (begins - datetime.now(UTC)).total_seconds()))
        # Freight depends on where it goes.
        payable: dict[str, int] = {}
        for region in cast.ADDRESSES:
            wanted = {"lines": [{"sku": sale["sku"], "quantity": 1}], "region": region}
            payable[region] = quoting.post("/quotes", wanted)["payable_fen"]
        quoting.close()
        taps = []
        for number in range(force.requests):
            place = number % len(buyers)
            wanted = {
                "lines": [{"sku": sale["sku"], "quantity": 1}],
                "address": buyers[place].address,
                "expected_payable_fen": payable[cast.ADDRESSES[place % len(cast.ADDRESSES)]],
            }
            taps.append(Told(buyers[place], wanted, dice.uniform(0, force.flash_s)))
        return sorted(taps, key=lambda tap: tap.due_s)

    def _rushed(self, what: str, wishes: list[Told], *, is_patient: bool) -> dict[str, Any]:
        last_s = max(wish.due_s for wish in wishes)
        self.say(f"  {len(wishes)} {what} within {last_s:.0f} s ...")
        counter = offering.Counter(self.stack.url)
        taken_s = counter.offer(wishes, is_patient=is_patient)
        self.say(f"    {taken_s:6.1f} s until all were answered; the backlog drains ...")
        drained_s = self._drained()
        self.say(f"    {drained_s:6.1f} s")
        return {
            "seconds in which they were offered": round(last_s, 1),
            "seconds from the last one offered until all were answered": round(taken_s - last_s, 1),
            "seconds from the last one offered until the backlog was gone": round(
                taken_s - last_s + drained_s, 1
            ),
            "connections": counter.opened,
        }

    def _drained(self) -> float:
        began, books = time.monotonic(), Books(self.stack)
        try:
            while time.monotonic() - began < DRAIN_S_MAX:
                owed = {what: count for what, count in books.rows(OWED) or [] if count}
                if not owed:
                    return time.monotonic() - began
                time.sleep(LOOK_EVERY_S)
        finally:
            books.close()
        raise TimeoutError(f"still owed after {DRAIN_S_MAX} s: {owed}")

    def _scarce_figures(self, stall: Stall) -> dict[str, Any]:
        [(orders, pieces)] = self._asked(
            "SELECT count(*), coalesce(sum(line.quantity), 0) FROM placement_orderline AS line"
            " JOIN catalogue_sku AS sku ON sku.id = line.sku_id WHERE sku.reference = %s::uuid",
            stall.skus[0]["id"],
        )
        return {
            "pieces of the scarce goods": self.force.scarce,
            "orders of the scarce goods": orders,
            "oversold": max(0, pieces - self.force.scarce),
        }

    def _sale_figures(self, sale: dict[str, Any]) -> dict[str, Any]:
        rows = self._asked(
            "SELECT o.buyer_id, o.state, line.quantity FROM placement_orderline AS line"
            " JOIN placement_shoporder AS part ON part.id = line.shop_order_id"
            " JOIN placement_order AS o ON o.id = part.order_id"
            " WHERE line.activity_reference = %s::uuid",
            sale["id"],
        )
        each = Tally[int]()
        for buyer, _, quantity in rows:
            each[buyer] += quantity
        return {
            "pieces of the flash sale": self.force.pieces,
            "orders of the flash sale": len(rows),
            "pieces sold": sum(quantity for _, _, quantity in rows),
            "most pieces of one person": max(each.values(), default=0),
            "orders by state": dict(Tally(state for _, state, _ in rows)),
        }

    def _asked(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        books = Books(self.stack)
        try:
            return books.rows(query, *values) or []
        finally:
            books.close()

    def _timed(self, what: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        self.say(f"  {what} ...")
        found = act()
        self.say(f"    {time.monotonic() - began:6.1f} s")
        return found


def _figures(wishes: Sequence[Told]) -> dict[str, Any]:
    accepted = [wish for wish in wishes if wish.order]
    turned_away = [wish for wish in wishes if wish.status == 429]
    by_code: dict[str, list[float]] = {}
    for wish in turned_away:
        by_code.setdefault(wish.code, []).append(wish.seconds)
    return {
        "requests": len(wishes),
        "first answers": dict(Tally(_said(wish.status, wish.code) for wish in wishes)),
        "last answers": dict(Tally(_said(wish.last_status, wish.last_code) for wish in wishes)),
        "sent again": sum(wish.repeats for wish in wishes),
        "429 without Retry-After": sum(wish.retry_after_s is None for wish in turned_away),
        "orders accepted": len(accepted),
        "accepted and not paid": sum(not wish.is_paid for wish in accepted),
        "ms to the first answer, p50, p95, most": _within([wish.seconds for wish in wishes]),
        "ms to acceptance, p50, p95, most": _within([wish.accepted_after_s for wish in accepted]),
        "ms to a 429, p50, p95, most": {code: _within(all_) for code, all_ in by_code.items()},
        "failures": [wish.failure for wish in wishes if wish.failure][:10],
    }


def _said(status: int, code: str) -> str:
    return f"{status} {code}".strip()


def _within(seconds: Sequence[float]) -> list[float]:
    ordered = sorted(seconds)
    if not ordered:
        return []
    places = (len(ordered) // 2, min(len(ordered) - 1, len(ordered) * 95 // 100), -1)
    return [round(1_000 * ordered[place], 1) for place in places]
