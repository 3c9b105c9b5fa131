"""What is wrong with a freight template, value by value."""

from collections.abc import Iterator

from core.errors import Fault
from logistics.freight.domain.tariff import Mode, Tariff


def faults_of(tariff: Tariff) -> list[Fault]:
    """Return everything that keeps a template from being used, by JSON pointer."""
    return [*_shape(tariff), *_default(tariff), *_conditions(tariff), *_repeated(tariff)]


def _shape(tariff: Tariff) -> Iterator[Fault]:
    if tariff.mode == Mode.FREE and tariff.rules:
        yield Fault("/rules", "FREE_HAS_NO_RULES", "A free template charges nothing.")
    if tariff.mode == Mode.CONDITIONAL and not tariff.free_rules:
        yield Fault("/free_rules", "CONDITION_MISSING", "Say what makes shipping free.")
    if tariff.mode != Mode.CONDITIONAL and tariff.free_rules:
        yield Fault("/free_rules", "NOT_CONDITIONAL", "Only a conditional template has these.")


def _default(tariff: Tariff) -> Iterator[Fault]:
    if tariff.mode == Mode.FREE:
        return
    places = [place for place, rule in enumerate(tariff.rules) if not rule.regions]
    if not places:
        yield Fault("/rules", "DEFAULT_MISSING", "One rule must be without regions.")
    for place in places[1:]:
        pointer = f"/rules/{place}/regions"
        yield Fault(pointer, "DEFAULT_TWICE", "Only one rule may be without regions.")


def _conditions(tariff: Tariff) -> Iterator[Fault]:
    for place, rule in enumerate(tariff.free_rules):
        if rule.min_pieces is rule.min_weight_g is rule.min_amount_fen is None:
            yield Fault(f"/free_rules/{place}", "CONDITION_MISSING", "Set at least one condition.")


def _repeated(tariff: Tariff) -> Iterator[Fault]:
    # A region that is mentioned twice would be charged by chance.
    seen = set(tariff.no_ship_regions)
    for place, rule in enumerate(tariff.rules):
        for code in sorted(rule.regions & seen):
            pointer = f"/rules/{place}/regions"
            yield Fault(pointer, "REGION_TWICE", f"{code} stands elsewhere in this template.")
        seen |= rule.regions
