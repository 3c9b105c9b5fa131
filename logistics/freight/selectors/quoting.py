"""What it costs to send what a buyer wants from several shops to one place."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.money import allocate
from core.regions import codes
from logistics.freight.domain.holding import HoldKind
from logistics.freight.domain.promising import PROMISE_HOURS
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
    # The county the goods come from; without one no hold on an origin touches them.
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A dispatch hold in force where goods come from or go to; `until` is RFC 3339."""

    region: str
    kind: HoldKind
    until: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Freight:
    """What one shop charges for sending, and what part of it each line bears.

    `held` is why nothing of the shop travels now; `delayed` why it travels later. `promise_hours`
    is the longest time to ship of its templates; goods without one have the usual time.
    """

    fee_fen: int
    deliverable: bool
    by_key: Mapping[str, int]
    held: Held | None = None
    delayed: Held | None = None
    promise_hours: int = PROMISE_HOURS


@dataclass(frozen=True, slots=True)
class Rates:
    """What is charged and what is held on the way of some goods to one county: facts, read once."""

    ancestors: Sequence[str]
    tariffs: Mapping[tuple[int, str], Tariff]
    promises: Mapping[tuple[int, str], int]
    holds: Sequence[Held]


# Templates and the holds that matter to this quote: two short lists, one statement.
_FACTS = """
    SELECT template.reference::text, template.shop_id, template.charge_by, template.mode,
           to_json(template.no_ship_regions)::text,
           coalesce((SELECT json_agg(rule ORDER BY position) FROM freight_freightrule AS rule
                     WHERE rule.template_id = template.id), '[]')::text,
           coalesce((SELECT json_agg(rule ORDER BY position) FROM freight_freightfreerule AS rule
                     WHERE rule.template_id = template.id), '[]')::text,
           template.promise_hours
    FROM freight_freighttemplate AS template
    WHERE template.reference = ANY((SELECT %(templates)s::uuid[])::uuid[])
    UNION ALL
    SELECT NULL, NULL, hold.kind, hold.region,
           to_json(hold.ends_at AT TIME ZONE 'UTC')::text, hold.reason, hold.id::text, NULL
    FROM freight_dispatchhold AS hold
    WHERE hold.state = 'SET' AND hold.region = ANY((SELECT %(regions)s::text[])::text[])
        AND hold.starts_at <= %(now)s AND (hold.ends_at IS NULL OR hold.ends_at > %(now)s)
"""

Group = tuple[int, str | None, str]


def quote(
    loads: Sequence[Load], *, region: str, now: datetime, how: Combine = Combine.MAX_FIRST
) -> dict[int, Freight]:
    """Return each shop's freight to a county, with one statement."""
    return charged(loads, rates(loads, region=region, now=now), how)


def rates(loads: Sequence[Load], *, region: str, now: datetime) -> Rates:
    """Return what decides the freight of goods to a county, with one statement."""
    ancestors = codes.ancestors(region)
    origins = [codes.ancestors(load.origin) for load in loads if load.origin]
    tariffs, promises, holds = _facts(
        {load.template for load in loads if load.template},
        {code for line in (ancestors, *origins) for code in line},
        now,
    )
    return Rates(ancestors, tariffs, promises, holds)


def charged(
    loads: Sequence[Load], at: Rates, how: Combine = Combine.MAX_FIRST
) -> dict[int, Freight]:
    """Return each shop's freight at rates that were read before (`domain.md` 2.6).

    Goods of different temperature classes are different parcels and always add up; a shop that
    does not send there, or whose template is not its own, is not deliverable, and neither is one
    with goods from or to a region on hold.
    """
    shops: dict[int, list[Load]] = defaultdict(list)
    for load in loads:
        shops[load.shop_id].append(load)
    found = {}
    for shop_id, goods in shops.items():
        parcels: dict[str, list[Load]] = defaultdict(list)
        for load in goods:
            parcels[load.temp_class].append(load)
        origins = {load.origin for load in goods if load.origin}
        touched = {*at.ancestors, *(code for one in origins for code in codes.ancestors(one))}
        freight = _of_shop(
            [_of_parcel(parcel, at.tariffs, at.ancestors, how) for parcel in parcels.values()],
            max(_promise_of(load, at) for load in goods),
        )
        found[shop_id] = _under(freight, [hold for hold in at.holds if hold.region in touched])
    return found


def _facts(
    templates: set[str], regions: set[str], now: datetime
) -> tuple[dict[tuple[int, str], Tariff], dict[tuple[int, str], int], list[Held]]:
    given: dict[str, Any] = {
        "templates": [str(UUID(reference)) for reference in templates],
        "regions": sorted(regions),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        rows = cursor.fetchall()
    tariffs = {(row[1], row[0]): _tariff(*row[2:7]) for row in rows if row[0] is not None}
    promises = {(row[1], row[0]): row[7] for row in rows if row[0] is not None}
    return tariffs, promises, [_held(*row[2:6]) for row in rows if row[0] is None]


def _held(kind: str, region: str, ends_at: str | None, reason: str) -> Held:
    until = f"{json.loads(ends_at)}Z" if ends_at else None
    return Held(region, HoldKind(kind), until, reason)


def _under(freight: Freight, holds: Sequence[Held]) -> Freight:
    """Return a shop's freight under the holds that touch it; the one that ends last speaks."""
    last = sorted(holds, key=lambda hold: (hold.until is None, hold.until or "", hold.region))
    stops = [hold for hold in last if hold.kind == HoldKind.NO_SHIP]
    if stops:
        return Freight(0, deliverable=False, by_key={}, held=stops[-1])
    return replace(freight, delayed=last[-1]) if last else freight


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


def _promise_of(load: Load, at: Rates) -> int:
    if load.template is None:
        return PROMISE_HOURS
    return at.promises.get((load.shop_id, load.template), PROMISE_HOURS)


def _of_shop(parcels: Sequence[dict[str, int] | None], promise_hours: int) -> Freight:
    by_key: dict[str, int] = {}
    for parcel in parcels:
        if parcel is None:
            return Freight(0, deliverable=False, by_key={})
        by_key |= parcel
    return Freight(
        sum(by_key.values()), deliverable=True, by_key=by_key, promise_hours=promise_hours
    )


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
