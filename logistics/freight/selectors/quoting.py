"""What it costs to send what a buyer wants from several shops to one place."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from core.money import allocate
from core.regions import codes
from logistics.freight.domain.tariff import (
    Cargo,
    Charge,
    ChargeBy,
    Combine,
    FreeRule,
    Mode,
    Rule,
    Tariff,
    charge_of,
    combine,
)


@dataclass(frozen=True, slots=True)
class Load:
    """Goods of one line to send; without a template they travel free."""

    key: str
    shop_id: int
    template: str | None
    temp_class: str
    gross_g: int
    pieces: int
    goods_fen: int


@dataclass(frozen=True, slots=True)
class Freight:
    """What one shop charges for sending, and what part of it each line bears."""

    fee_fen: int
    deliverable: bool
    by_key: Mapping[str, int]


_TARIFFS = """
    SELECT template.reference, template.shop_id, template.charge_by, template.mode,
           to_json(template.no_ship_regions)::text,
           coalesce((SELECT json_agg(rule ORDER BY position) FROM freight_freightrule AS rule
                     WHERE rule.template_id = template.id), '[]')::text,
           coalesce((SELECT json_agg(rule ORDER BY position) FROM freight_freightfreerule AS rule
                     WHERE rule.template_id = template.id), '[]')::text
    FROM freight_freighttemplate AS template
    WHERE template.reference = ANY(%s::uuid[])
"""

Group = tuple[int, str | None, str]


def quote(
    loads: Sequence[Load], *, region: str, how: Combine = Combine.MAX_FIRST
) -> dict[int, Freight]:
    """Return each shop's freight to a county, with one statement (`domain.md` 2.6).

    Goods of different temperature classes are different parcels and always add up; a shop that
    does not send there, or whose template is not its own, is not deliverable.
    """
    ancestors = codes.ancestors(region)
    tariffs = tariffs_of({load.template for load in loads if load.template})
    shops: dict[int, dict[str, list[Load]]] = defaultdict(lambda: defaultdict(list))
    for load in loads:
        shops[load.shop_id][load.temp_class].append(load)
    return {
        shop_id: _of_shop(
            [_of_parcel(parcel, tariffs, ancestors, how) for parcel in parcels.values()]
        )
        for shop_id, parcels in shops.items()
    }


def tariffs_of(references: set[str]) -> dict[tuple[int, str], Tariff]:
    """Return templates as figures, by shop and reference."""
    if not references:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TARIFFS, [[str(UUID(reference)) for reference in references]])
        rows = cursor.fetchall()
    return {(row[1], str(row[0])): _tariff(*row[2:]) for row in rows}


def _tariff(charge_by: str, mode: str, no_ship: str, rules: str, free_rules: str) -> Tariff:
    return Tariff(
        charge_by=ChargeBy(charge_by),
        mode=Mode(mode),
        rules=tuple(
            Rule(
                regions=frozenset(row["regions"]),
                first_unit=row["first_unit"],
                first_fee_fen=row["first_fee_fen"],
                add_unit=row["add_unit"],
                add_fee_fen=row["add_fee_fen"],
            )
            for row in json.loads(rules)
        ),
        free_rules=tuple(
            FreeRule(
                regions=frozenset(row["regions"]),
                min_pieces=row["min_pieces"],
                min_weight_g=row["min_weight_g"],
                min_amount_fen=row["min_amount_fen"],
            )
            for row in json.loads(free_rules)
        ),
        no_ship_regions=frozenset(json.loads(no_ship)),
    )


def _of_shop(parcels: Sequence[dict[str, int] | None]) -> Freight:
    by_key: dict[str, int] = {}
    for parcel in parcels:
        if parcel is None:
            return Freight(0, deliverable=False, by_key={})
        by_key |= parcel
    return Freight(sum(by_key.values()), deliverable=True, by_key=by_key)


def _of_parcel(
    loads: Sequence[Load],
    tariffs: Mapping[tuple[int, str], Tariff],
    ancestors: Sequence[str],
    how: Combine,
) -> dict[str, int] | None:
    by_key = {load.key: 0 for load in loads if load.template is None}
    groups: dict[str, list[Load]] = defaultdict(list)
    for load in loads:
        if load.template is not None:
            groups[load.template].append(load)
    charges: list[Charge] = []
    for template, group in sorted(groups.items()):
        tariff = tariffs.get((group[0].shop_id, template))
        charge = charge_of(tariff, _cargo(group), ancestors) if tariff else None
        if charge is None:
            return None
        charges.append(charge)
    fees = combine(charges, how)
    for (template, group), fee_fen in zip(sorted(groups.items()), fees, strict=True):
        tariff = tariffs[group[0].shop_id, template]
        is_by_weight = tariff.charge_by == ChargeBy.WEIGHT
        weights = [load.gross_g if is_by_weight else load.pieces for load in group]
        by_key |= dict(zip((load.key for load in group), allocate(fee_fen, weights), strict=True))
    return by_key


def _cargo(loads: Sequence[Load]) -> Cargo:
    return Cargo(
        gross_g=sum(load.gross_g for load in loads),
        pieces=sum(load.pieces for load in loads),
        goods_fen=sum(load.goods_fen for load in loads),
    )
