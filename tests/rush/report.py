"""The rush in figures, and whether every promise was kept."""

from collections.abc import Iterator, Mapping
from typing import Any

REJECTED_MS_MAX = 200
DRAINED_S_MAX = 60
# What the market may answer to a checkout, and to a tap on a flash sale.
CHECKOUT_STATUSES, TAP_STATUSES = {201, 409, 429}, {201, 409, 429}
GATE = "FLASH_SALE_CROWDED"


def shown(told: Mapping[str, Mapping[str, Any]], conditions: list[str]) -> str:
    """Return the figures of both parts, with what they were made under."""
    lines = ["", "Conditions", *(f"  - {line}" for line in conditions)]
    for part, figures in told.items():
        lines += ["", part.capitalize()]
        for what, figure in figures.items():
            lines += _line(what, figure)
    return "\n".join(lines)


def wrongs(told: Mapping[str, Mapping[str, Any]], *, reconciled: bool) -> list[str]:
    """Return in words which promise was broken; nothing where all were kept."""
    checkouts, sale = told["checkouts"], told["flash sale"]
    found = [
        *_of_both("checkouts", checkouts, CHECKOUT_STATUSES),
        *_of_both("flash sale", sale, TAP_STATUSES),
    ]
    sold = sale["pieces sold"], sale["orders of the flash sale"]
    rejected = sale["ms to a 429, p50, p95, most"].get(GATE)
    findings = {
        "an invariant is broken": not reconciled,
        "checkouts: scarce goods were oversold": checkouts["oversold"],
        "checkouts: somebody was never let in": "429" in " ".join(checkouts["last answers"]),
        f"checkouts: the backlog was not gone after {DRAINED_S_MAX} s": _drained_s(checkouts)
        > DRAINED_S_MAX,
        "flash sale: not every piece was sold exactly once": set(sold)
        != {sale["pieces of the flash sale"]},
        "flash sale: somebody has more than one": sale["most pieces of one person"] > 1,
        "flash sale: the gate turned nobody away": rejected is None,
        f"flash sale: p95 of the gate's rejections above {REJECTED_MS_MAX} ms": rejected is not None
        and rejected[1] > REJECTED_MS_MAX,
    }
    return found + [sentence for sentence, is_so in findings.items() if is_so]


def _of_both(part: str, figures: Mapping[str, Any], allowed: set[int]) -> Iterator[str]:
    heard = {int(said.split()[0]) for said in figures["first answers"]}
    if heard - allowed:
        yield f"{part}: answered with {sorted(heard - allowed)}"
    if figures["429 without Retry-After"]:
        yield f"{part}: 429 without Retry-After"
    if figures["accepted and not paid"]:
        yield f"{part}: an accepted order could not be paid"
    if figures["failures"]:
        yield f"{part}: somebody never heard an answer"


def _drained_s(figures: Mapping[str, Any]) -> float:
    return float(figures["seconds from the last one offered until the backlog was gone"])


def _line(what: str, figure: Any) -> list[str]:
    if isinstance(figure, dict):
        return [f"  {what}", *(f"    {name:<60}{value}" for name, value in figure.items())]
    return [f"  {what:<62}{figure}"]
