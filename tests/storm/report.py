"""The storm in figures, and whether the market stood."""

from typing import Any

# Kept apart, because each is shown in full.
_PLAIN = (int, float, str)


def shown(told: dict[str, Any]) -> str:
    """Return the figures as a table."""
    lines = [""]
    for what, figure in told.items():
        if what == "failures":
            lines += figure
        elif isinstance(figure, _PLAIN):
            lines.append(f"  {what:<40}{figure:>8}")
        elif isinstance(figure, dict):
            lines.append(f"  {what}")
            lines += [f"    {name or 'none':<42}{count:>4}" for name, count in figure.items()]
        else:
            lines.append(f"  {what:<40}{figure}")
    return "\n".join(lines)


def wrongs(told: dict[str, Any], *, reconciled: bool) -> list[str]:
    """Return in words what the market got wrong; nothing if it stood."""
    orders = told["kept and never promised"] - told["orders whose buyers never heard"]
    findings = {
        "an invariant is broken": not reconciled,
        "orders were promised and lost": told["promised and not kept"],
        "orders were made that nobody ordered": orders > 0,
        "a forged callback was believed": told["callbacks forged and believed"],
        "a delivery was parked": told["deliveries"].get("PARKED"),
        "a parcel was parked": told["parcels parked for another reason"],
        "a refund was parked": told["refunds"].get("PARKED"),
        "the server had faults of its own": _server_faults(told["refused"]),
        "a buyer stumbled": told["failures"],
    }
    return [sentence for sentence, is_so in findings.items() if is_so]


def _server_faults(refused: dict[str, int]) -> list[str]:
    return [code for code in refused if code.startswith(("5", "NOT_JSON", "SERVER_FAULT"))]
