"""Integer fen: the only places where money is divided or rounded."""

from collections.abc import Sequence

BASIS_POINTS = 10_000


def half_up(numerator: int, denominator: int) -> int:
    """Divide two non-negative integers, rounding half up (`domain.md` 2.0)."""
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"half_up({numerator}, {denominator}) is not defined")
    return (2 * numerator + denominator) // (2 * denominator)


def share_bp(amount_fen: int, rate_bp: int) -> int:
    """Return a rate in basis points of an amount, in fen, rounded half up."""
    return half_up(amount_fen * rate_bp, BASIS_POINTS)


def ceil_bp(amount_fen: int, rate_bp: int) -> int:
    """Return a rate in basis points of an amount, in fen, rounded up: the worst case to hold."""
    return -(-amount_fen * rate_bp // BASIS_POINTS)


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weight so that nothing is lost: largest remainder (`domain.md` 2.0).

    Ties go to the larger weight, then to the earlier line. With `total_fen` at most the sum of
    the weights, nobody receives more than its weight.

    Raises:
        ValueError: a negative amount or weight, or weights that are all zero with money to split.
    """
    if total_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate: amounts and weights are never negative")
    whole = sum(weights)
    if whole == 0:
        if total_fen:
            raise ValueError("allocate: nothing to split over")
        return [0] * len(weights)
    parts = [total_fen * weight // whole for weight in weights]
    remainders = [total_fen * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda line: (-remainders[line], -weights[line], line))
    for line in order[: total_fen - sum(parts)]:
        parts[line] += 1
    return parts


def cumulative(total_fen: int, units: int, done: int) -> int:
    """Return the part of an amount that `done` of `units` equal units account for.

    Floors the cumulative figure, so the difference between two calls is what the units in between
    are worth and the parts of a line always add up to the whole (`domain.md` 2.2).
    """
    if not 0 <= done <= units or units <= 0:
        raise ValueError(f"cumulative: {done} of {units} units")
    return total_fen * done // units
