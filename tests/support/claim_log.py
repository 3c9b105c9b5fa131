"""A log of coupon claims as merchants keep it, and what must come of it by plain counting.

The grammar of a rule: "30:5" is 5 yuan off from 30, "0.95" is to pay 95 %.
"""

import csv
import gzip
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.local.bootstrap import ROOT

# The data may be used for tests and not be handed on: it lies beside the project, if anywhere.
PLACE = Path("data") / "coupons" / "o2o_claims_2016-07-01_05.csv.gz"
CAP_FEN = 2_000
PLENTY = 100_000


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claimed a coupon of which rule on which day, counted from 1."""

    person: str
    rule: str
    day: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the coupons of one rule are handed out."""

    per_person: int = 1
    pieces: int = PLENTY
    # For how many coupons there is money.
    paid_for: int = PLENTY
    paused_on: int | None = None
    ends_after: int | None = None


def found() -> Path | None:
    """Return the log beside the project, or where SHARED_DATA says; None where it is not."""
    named = os.environ.get("SHARED_DATA")
    places = [Path(named)] if named else [parent / "shared" for parent in ROOT.parents]
    return next((place / PLACE for place in places if (place / PLACE).is_file()), None)


def read(path: Path) -> list[Claim]:
    """Return the claims of a log, day by day, within a day as they stand in it."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    days = sorted({row["Date_received"] for row in rows})
    claims = [
        Claim(row["User_id"], row["Discount_rate"], days.index(row["Date_received"]) + 1)
        for row in rows
    ]
    return sorted(claims, key=lambda claim: claim.day)


def of_one_in(count: int, claims: Sequence[Claim]) -> list[Claim]:
    """Return all claims of every so-manieth person, in their order."""
    return [claim for claim in claims if int(claim.person) % count == 0]


def terms_of(rule: str) -> dict[str, Any]:
    """Return what coupons of a rule take off, as the market is told.

    Raises:
        ValueError: this is no rule.
    """
    threshold, colon, amount = rule.partition(":")
    if colon:
        return {
            "kind": "FULL_REDUCTION",
            "threshold_fen": int(threshold) * 100,
            "amount_fen": int(amount) * 100,
        }
    try:
        paid = Decimal(rule)
    except ArithmeticError as wrong:
        raise ValueError(f"no rule: {rule}") from wrong
    return {
        "kind": "DISCOUNT",
        "discount_bp": 10_000 - int(paid * 10_000),
        "max_discount_fen": CAP_FEN,
    }


def worst_fen(rule: str) -> int:
    """Return the most that a coupon of a rule takes off."""
    terms = terms_of(rule)
    return int(terms.get("amount_fen") or terms["max_discount_fen"])


def plans_for(claims: Sequence[Claim]) -> dict[str, Plan]:
    """Return a way of handing out for each rule, so that every reason to refuse occurs."""
    people: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        people[claim.rule].add(claim.person)
    plans = {}
    for place, rule in enumerate(sorted(people, key=lambda rule: (-len(people[rule]), rule))):
        scarce = max(1, len(people[rule]) * 2 // 3)
        plans[rule] = Plan(
            per_person=1 if place % 2 == 0 else 2,
            pieces=scarce if place % 5 == 1 else PLENTY,
            paid_for=scarce if place % 5 == 2 else PLENTY,
            paused_on=2 if place % 5 == 3 else None,
            ends_after=3 if place % 5 == 4 else None,
        )
    return plans


def counted(claims: Iterable[Claim], plans: dict[str, Plan]) -> Counter[tuple[str, str]]:
    """Return how often each rule's coupons are given, or refused for which reason."""
    taken: Counter[tuple[str, str]] = Counter()
    given: Counter[str] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        outcome = _outcome(claim, plans[claim.rule], taken, given)
        told[claim.rule, outcome] += 1
        if outcome == "CLAIMED":
            taken[claim.rule, claim.person] += 1
            given[claim.rule] += 1
    return told


def _outcome(claim: Claim, plan: Plan, taken: Counter[tuple[str, str]], given: Counter[str]) -> str:
    if plan.paused_on == claim.day:
        return "COUPON_PAUSED"
    if plan.ends_after is not None and claim.day > plan.ends_after:
        return "COUPON_WINDOW"
    if taken[claim.rule, claim.person] >= plan.per_person:
        return "COUPON_USER_LIMIT"
    if given[claim.rule] >= plan.pieces:
        return "COUPON_SOLD_OUT"
    return "BUDGET_EXHAUSTED" if given[claim.rule] >= plan.paid_for else "CLAIMED"
