"""The day in words and figures, and whether it was good."""

from typing import Any

from tests.market_day.shopping import Habit

# Where the parts of an order may end.
ENDS = {"COMPLETED", "CANCELLED", "CLOSED"}


def shown(told: dict[str, Any]) -> str:
    lines = ["", "What people did:"]
    lines += [f"  {count:5d}  {habit}" for habit, count in sorted(told["habits"].items())]
    lines += ["Where the parts of their orders ended:"]
    lines += [f"  {count:5d}  {state}" for state, count in told["states"].items()]
    lines += ["What the market refused, and why:"]
    lines += [f"  {count:5d}  {code}" for code, count in told["refused"].items()]
    lines += _sales(told["report"]) + _budgets(told["budgets"])
    lines += [
        f"{told['calls']} calls, {told['seconds']} s in all,"
        f" of it {told['drain_seconds']} s waiting for the workers",
    ]
    return "\n".join(lines)


def verdict(told: dict[str, Any], *, reconciled: bool) -> int:
    """Return 0 where everything ended, everything was lived through and the books agree."""
    strays = set(told["states"]) - ENDS
    if strays:
        print(f"not ended: {sorted(strays)}")
    faults = {code for code in told["refused"] if code.startswith(("5", "NOT_JSON", "INTERNAL"))}
    if faults:
        print(f"server errors: {sorted(faults)}")
    missing = {str(habit) for habit in Habit} - set(told["habits"])
    if missing:
        print(f"nobody did this: {sorted(missing)}")
    return 0 if reconciled and not (strays or faults) else 1


def _sales(report: dict[str, Any]) -> list[str]:
    lines = ["", "What was sold, by the county that earned it:"]
    lines.append(f"  {'county':<14}{'orders':>8}{'yuan':>14}{'tonnes':>10}")
    rows = [(row["origin"]["name"], row) for row in report["counties"]]
    for name, row in [*rows, ("all", report["total"])]:
        lines.append(
            f"  {name:<14}{row['orders']:>8}{_yuan(row['net_fen']):>14}{row['tonnes']:>10}"
        )
    return lines


def _budgets(budgets: list[dict[str, Any]]) -> list[str]:
    lines = ["Who paid for the discounts:"]
    for row in budgets:
        lines.append(
            f"  {row['name']:<14} {row['funder']:<11} of {_yuan(row['total_fen'])}:"
            f" spent {_yuan(row['spent_fen'])}, reserved {_yuan(row['reserved_fen'])},"
            f" available {_yuan(row['available_fen'])}"
        )
    return lines


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"
