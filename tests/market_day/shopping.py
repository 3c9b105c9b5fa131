"""The crowd: what one buyer does, from signing in to having paid, or not."""

import contextlib
import random
import time
from collections import Counter as Tally
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.market_day import cast
from tests.market_day.client import Client, Refused
from tests.market_day.opening import Stall

PATIENCE_S = 30


class Habit(StrEnum):
    """How a buyer behaves once the order is placed."""

    PAYS = "pays"
    PAYS_REPEATED = "pays, called back three times"
    PAYS_SILENT = "pays, never called back"
    PAYS_SLOW = "pays, called back late"
    PAYS_TWICE = "pays twice"
    PAYS_LATE = "pays after the order ran out"
    PAYS_WRONG = "pays, called back with a wrong amount"
    LEAVES = "leaves it unpaid"
    CANCELS = "cancels unpaid"
    CANCELS_PAID = "cancels after paying"


HABITS = (
    [Habit.PAYS] * 50
    + [Habit.PAYS_REPEATED] * 8
    + [Habit.PAYS_SILENT] * 5
    + [Habit.PAYS_SLOW] * 5
    + [Habit.PAYS_TWICE] * 5
    + [Habit.PAYS_LATE] * 5
    + [Habit.PAYS_WRONG] * 2
    + [Habit.LEAVES] * 8
    + [Habit.CANCELS] * 6
    + [Habit.CANCELS_PAID] * 6
)


@dataclass
class Basket:
    """An order as its buyer remembers it."""

    buyer: "Buyer"
    habit: Habit
    order: dict[str, Any]
    payments: list[str] = field(default_factory=list)


@dataclass
class Buyer:
    """One consumer with an address and perhaps coupons."""

    number: int
    client: Client
    dice: random.Random
    address: str = ""
    coupons: list[str] = field(default_factory=list)
    refusals: Tally[str] = field(default_factory=Tally)

    def arrive(self) -> None:
        self.client.sign_in(cast.buyer_phone(self.number))
        place = {
            "recipient": cast.farmer_name(self.number + 7),
            "phone": cast.buyer_phone(self.number),
            "region": self.dice.choice(cast.ADDRESSES),
            "street": f"人民路{self.number + 1}号",
            "is_default": True,
        }
        self.address = self.client.post("/me/addresses", place)["id"]

    def claim(self, batches: list[str]) -> None:
        for batch in batches:
            try:
                self.coupons.append(self.client.post(f"/coupon-batches/{batch}/claims")["id"])
            except Refused as refusal:
                self.refusals[refusal.code] += 1

    def look_around(self, section: str) -> None:
        page = self.client.get(f"/sections/{section}/products", page_size=24)
        if page["results"]:
            chosen = self.dice.choice(page["results"])
            self.client.get(f"/products/{chosen['id']}")

    def choose(self, stalls: list[Stall]) -> list[dict[str, Any]]:
        """Choose two or three lines from two shops."""
        chosen = self.dice.sample(stalls, 2)
        lines = [
            {"sku": self.dice.choice(stall.skus)["id"], "quantity": self.dice.randint(1, 3)}
            for stall in chosen
        ]
        third = self.dice.choice(chosen[0].skus)["id"]
        if self.dice.random() < 0.5 and third != lines[0]["sku"]:
            lines.append({"sku": third, "quantity": 1})
        return lines

    def order(self, lines: list[dict[str, Any]], habit: Habit) -> Basket | None:
        """Quote, then order exactly what was quoted; None where the market refused."""
        wanted = {"lines": lines, "address": self.address}
        for _ in range(3):
            quote = self.client.post("/quotes", {**wanted, "best_coupons": True})
            if quote["problems"]:
                self.refusals.update(str(problem["code"]) for problem in quote["problems"])
                return None
            body = {
                **wanted,
                "coupons": quote["coupons"],
                "expected_payable_fen": quote["payable_fen"],
            }
            try:
                return Basket(self, habit, self.client.post("/orders", body))
            except Refused as refusal:
                self.refusals[refusal.code] += 1
                if refusal.code != "QUOTE_STALE":
                    return None
        return None

    def behave(self, basket: Basket) -> None:
        """Do with the order what this buyer does."""
        match basket.habit:
            case Habit.LEAVES:
                pass
            case Habit.CANCELS:
                self._cancel(basket)
            case Habit.CANCELS_PAID:
                self._capture(self._open(basket, "sandbox"))
                self._wait_until_paid(basket)
                self._cancel(basket)
            case Habit.PAYS_LATE:
                self._open(basket, "sandbox")
            case Habit.PAYS_TWICE:
                first, second = self._open(basket, "sandbox"), self._open(basket, "sandbox_card")
                self._capture(first)
                self._capture(second)
            case _:
                self._capture(self._open(basket, "sandbox"), **_BEHAVIOUR.get(basket.habit, {}))

    def come_back(self, basket: Basket) -> None:
        """Pay, at last, what ran out long ago."""
        for payment in basket.payments:
            self._capture(payment, even_if_closed=True)

    def _wait_until_paid(self, basket: Basket) -> None:
        for _ in range(PATIENCE_S * 4):
            if self.client.get(f"/orders/{basket.order['id']}")["state"] != "PENDING_PAYMENT":
                return
            time.sleep(0.25)

    def _open(self, basket: Basket, provider: str) -> str:
        if basket.order["payable_fen"] == 0:
            return ""
        payment = self.client.post(f"/orders/{basket.order['id']}/payments", {"provider": provider})
        basket.payments.append(payment["id"])
        return str(payment["id"])

    def _capture(self, payment: str, **how: Any) -> None:
        if payment:
            with contextlib.suppress(Refused):
                self.client.post(f"/sandbox/payments/{payment}/capture", how)

    def _cancel(self, basket: Basket) -> None:
        try:
            self.client.post(f"/orders/{basket.order['id']}/cancellation")
        except Refused as refusal:
            self.refusals[refusal.code] += 1


_BEHAVIOUR: dict[Habit, dict[str, Any]] = {
    Habit.PAYS_REPEATED: {"callback": "REPEAT"},
    Habit.PAYS_SILENT: {"callback": "NEVER"},
    Habit.PAYS_SLOW: {"delay_s": 8},
    Habit.PAYS_WRONG: {"callback": "WRONG_AMOUNT"},
}
