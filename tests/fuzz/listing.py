"""What a run saw, operation by operation."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


def shown(driver: Any, took: float) -> str:
    """Return the list of operations with the statuses that each was seen to answer with."""
    width = max(map(len, driver.statuses))
    rows = [
        f"  {label:<{width}}  {_counts(driver.statuses[label])}"
        for label in sorted(driver.statuses, key=lambda label: label.split(" ", 1)[::-1])
    ]
    total = sum(driver.statuses.values(), Counter())
    reached = sum(any(200 <= code < 300 for code in seen) for seen in driver.statuses.values())
    server = sum(count for code, count in total.items() if code >= 500)
    undocumented = sum(kind == "undocumented status" for _, kind, _ in driver.faults)
    callers = [f"  {who:<{width}}  {_counts(seen)}" for who, seen in driver.by_caller.items()]
    return "\n".join(
        [
            "Operations and the statuses seen:", *rows, "Callers:", *callers,
            f"{len(driver.operations)} operations, {reached} reached a 2xx; "
            f"{sum(total.values())} requests in {took:.0f} s, {driver.unsendable} unsendable, "
            f"slowest {driver.slowest[0]:.1f} s ({driver.slowest[1]})",
            f"{server} server errors, {undocumented} undocumented statuses, "
            f"{len(driver.faults)} faults in all (seed {driver.options.seed})",
        ]
    )  # fmt: skip


def _counts(seen: Mapping[int, int]) -> str:
    return " ".join(f"{code}:{seen[code]}" for code in sorted(seen))
