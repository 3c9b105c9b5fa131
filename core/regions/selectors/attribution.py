"""What a sale from some counties to a place counts for on a day: programmes and pairings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.regions import codes

# Two rows may stand for one present county, where two have been merged. Of the pairings that fit
# a county exactly one counts.
_FACTS = """
    SELECT member.region_code, array_agg(DISTINCT programme.slug ORDER BY programme.slug)::text[],
        NULL::bigint
    FROM regions_programmemembership AS member
    JOIN regions_programme AS programme ON programme.id = member.programme_id
    WHERE member.region_code = ANY(%(codes)s::text[])
        AND (member.valid_from IS NULL OR member.valid_from <= %(on)s)
        AND (member.valid_until IS NULL OR member.valid_until > %(on)s)
    GROUP BY member.region_code
    UNION ALL
    SELECT paired.code, NULL, paired.id FROM (
        SELECT DISTINCT ON (origin.code) origin.code, pairing.id
        FROM unnest(%(origins)s::text[], %(above)s::text[]) AS origin (code, above)
        JOIN regions_regionpairing AS pairing
            ON pairing.helped = origin.above AND pairing.helper = ANY(%(receivers)s::text[])
        WHERE pairing.valid_from <= %(on)s
            AND (pairing.valid_until IS NULL OR pairing.valid_until > %(on)s)
        ORDER BY origin.code, pairing.priority, pairing.id
    ) AS paired
"""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The programmes of each county of origin, and the key of the pairing its sale counts for."""

    programmes: Mapping[str, Sequence[str]]
    pairings: Mapping[str, int]


def of_sale(origins: Collection[str], *, to: str, on: date) -> Attribution:
    """Return what goods of each county count for when they go to a place, in one statement."""
    wanted = sorted(set(origins))
    lines = [(code, above) for code in wanted for above in codes.ancestors(code)]
    given: dict[str, Any] = {
        "codes": wanted,
        "origins": [code for code, _ in lines],
        "above": [above for _, above in lines],
        "receivers": codes.ancestors(to),
        "on": on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        rows = cursor.fetchall()
    programmes = {code: slugs for code, slugs, pairing in rows if pairing is None}
    return Attribution(
        programmes={code: programmes.get(code, []) for code in wanted},
        pairings={code: pairing for code, _, pairing in rows if pairing is not None},
    )
