"""Freight templates for tests, written down by the service."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from core.audit.actors import SYSTEM
from logistics.freight.domain.holding import HoldKind
from logistics.freight.domain.tariff import ChargeBy, FreeRule, Mode, Rule, Tariff
from logistics.freight.models import DispatchHold, FreightTemplate
from logistics.freight.services import holding, templates
from shops.storefronts.models import Shop

_NUMBERS = itertools.count(1)
WRITTEN = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def a_rule(first_unit=1_000, first_fee_fen=800, add_unit=1_000, add_fee_fen=200, regions=()):
    """Return a rule; without more the default of domain 2.6, 1 kg 8.00 and 2.00 per kg."""
    return Rule(frozenset(regions), first_unit, first_fee_fen, add_unit, add_fee_fen)


# The worked example of domain 2.6: oranges by weight.
ORANGES = Tariff(
    charge_by=ChargeBy.WEIGHT,
    mode=Mode.PAID,
    rules=(
        a_rule(),
        a_rule(3_000, 600, 1_000, 100, ["420000"]),
        a_rule(1_000, 1_500, 1_000, 1_000, ["150000"]),
    ),
    no_ship_regions=frozenset({"540000", "650000"}),
)
EGGS = Tariff(ChargeBy.PIECE, Mode.PAID, rules=(a_rule(1, 1_000, 1, 300),))
FREE_OVER_99 = Tariff(
    charge_by=ChargeBy.WEIGHT,
    mode=Mode.CONDITIONAL,
    rules=(a_rule(),),
    free_rules=(
        FreeRule(frozenset(), min_amount_fen=9_900),
        FreeRule(frozenset({"420000"}), min_pieces=2, min_amount_fen=5_000),
        FreeRule(frozenset({"310000"}), min_weight_g=20_000),
    ),
)


def a_template(
    shop: Shop, tariff: Tariff = ORANGES, name: str = "", promise_hours: int = 48
) -> FreightTemplate:
    """Return a freight template of a shop."""
    draft = templates.Draft(name or f"模板{next(_NUMBERS)}", tariff, promise_hours)
    with transaction.atomic():
        return FreightTemplate.objects.get(pk=templates.create(shop.pk, draft, now=WRITTEN))


def a_hold(region: str, *, now: datetime, **wanted: Any) -> DispatchHold:
    """Return a hold on a region; without more nothing travels from now on, without an end."""
    given = {"kind": HoldKind.NO_SHIP, "starts_at": None, "ends_at": None, "reason": "防控"}
    with transaction.atomic():
        return holding.set_hold(region=region, actor=SYSTEM, now=now, **{**given, **wanted})
