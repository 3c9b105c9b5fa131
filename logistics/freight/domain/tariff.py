"""The figures of a freight template (`domain.md` 2.6): pure, in fen, grams and pieces."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from core.http.enums import offered


@offered
class ChargeBy(TextChoices):
    """What a template counts."""

    WEIGHT = "WEIGHT", "By gross weight|按重量"
    PIECE = "PIECE", "By the piece|按件数"


@offered
class Mode(TextChoices):
    """When a template charges."""

    FREE = "FREE", "Free shipping|包邮"
    CONDITIONAL = "CONDITIONAL", "Free on conditions|条件包邮"
    PAID = "PAID", "Charged|买家付运费"


class Combine(TextChoices):
    """How several templates in one parcel add up."""

    MAX_FIRST = "MAX_FIRST", "One first fee|只收一个首费"
    SUM = "SUM", "Each in full|分别计费"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is charged in some regions; without regions it is the default."""

    regions: frozenset[str]
    first_unit: int
    first_fee_fen: int
    add_unit: int
    add_fee_fen: int

    def fee_fen(self, quantity: int) -> int:
        """Return the whole fee: below the first unit the first fee is paid."""
        return self.first_fee_fen + self.added_fen(max(0, quantity - self.first_unit))

    def added_fen(self, quantity: int) -> int:
        """Return what a quantity costs in added units alone, every begun unit in full."""
        return -(-quantity // self.add_unit) * self.add_fee_fen

    def saved_fen(self, quantity: int) -> int:
        """Return the added units that need not be paid because the first unit covers them."""
        return self.added_fen(quantity) - self.added_fen(max(0, quantity - self.first_unit))


@dataclass(frozen=True, slots=True)
class FreeRule:
    """What makes shipping free: all conditions that are set; without regions everywhere."""

    regions: frozenset[str]
    min_pieces: int | None = None
    min_weight_g: int | None = None
    min_amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """A freight template as figures."""

    charge_by: ChargeBy
    mode: Mode
    rules: tuple[Rule, ...] = ()
    free_rules: tuple[FreeRule, ...] = ()
    no_ship_regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cargo:
    """What one template is asked to carry; the goods as after shop discounts."""

    gross_g: int
    pieces: int
    goods_fen: int


@dataclass(frozen=True, slots=True)
class Charge:
    """A template's part in a parcel: the rule that applies, if any is charged, and to how much."""

    rule: Rule | None
    quantity: int


def charge_of(tariff: Tariff, cargo: Cargo, ancestors: Sequence[str]) -> Charge | None:
    """Return what a template charges in a region, or None where it does not send.

    `ancestors` is the region and everything above it, the most specific first: the most specific
    mention decides, be it a rule or a refusal to send.
    """
    rule = _rule_for(tariff, ancestors)
    if rule is None:
        return None
    is_free = tariff.mode == Mode.FREE or (
        tariff.mode == Mode.CONDITIONAL and _is_free(tariff, cargo, ancestors)
    )
    return Charge(None if is_free else rule, quantity_of(tariff, cargo))


def quantity_of(tariff: Tariff, cargo: Cargo) -> int:
    """Return how much a template counts of a cargo: grams or pieces."""
    return cargo.gross_g if tariff.charge_by == ChargeBy.WEIGHT else cargo.pieces


def combine(charges: Sequence[Charge], how: Combine = Combine.MAX_FIRST) -> list[int]:
    """Return what each template in one parcel costs, in fen.

    With MAX_FIRST the highest first fee is charged once, and every other template pays added
    units on all that it carries. Of equal first fees the one whose first unit saves the buyer most
    is charged in full, so that the order of the templates does not matter.
    """
    if how == Combine.SUM:
        return [charge.rule.fee_fen(charge.quantity) if charge.rule else 0 for charge in charges]
    ranked = [
        (charge.rule.first_fee_fen, charge.rule.saved_fen(charge.quantity), -place)
        for place, charge in enumerate(charges)
        if charge.rule
    ]
    first = -max(ranked)[2] if ranked else None
    return [_part_fen(charge, in_full=place == first) for place, charge in enumerate(charges)]


def _part_fen(charge: Charge, *, in_full: bool) -> int:
    if charge.rule is None:
        return 0
    if in_full:
        return charge.rule.fee_fen(charge.quantity)
    return charge.rule.added_fen(charge.quantity)


# What a template that charges nothing is taken to charge where it sends.
_NOTHING = Rule(frozenset(), 1, 0, 1, 0)


def _rule_for(tariff: Tariff, ancestors: Sequence[str]) -> Rule | None:
    for code in ancestors:
        if code in tariff.no_ship_regions:
            return None
        for rule in tariff.rules:
            if code in rule.regions:
                return rule
    if tariff.mode == Mode.FREE:
        return _NOTHING
    return next((rule for rule in tariff.rules if not rule.regions), None)


def _is_free(tariff: Tariff, cargo: Cargo, ancestors: Sequence[str]) -> bool:
    return any(
        _is_met(rule.min_pieces, cargo.pieces)
        and _is_met(rule.min_weight_g, cargo.gross_g)
        and _is_met(rule.min_amount_fen, cargo.goods_fen)
        for rule in tariff.free_rules
        if not rule.regions or not rule.regions.isdisjoint(ancestors)
    )


def _is_met(least: int | None, there: int) -> bool:
    return least is None or there >= least
