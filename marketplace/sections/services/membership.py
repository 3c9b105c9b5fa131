"""Choosing the members of sections from prepared cards.

One statement judges each place once, compares what sections should hold with what they hold,
writes only the difference, and moves the counts with it. Nothing else writes members and counts.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from psycopg.types.json import Jsonb

from core.periods import local_day
from core.regions.selectors import programmes
from core.transactions import entry, needs_transaction
from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.ranks import RULE_BASE
from marketplace.sections.domain.states import VISITED
from marketplace.sections.models import Section
from shops.catalogue.models import ProductCard
from shops.catalogue.selectors import tree

WINDOW = 5_000

_LOCK = 7_326_001

_CHOOSE = """
WITH rule AS (
    SELECT * FROM jsonb_to_recordset(%(rules)s) AS rule (
        section_id bigint, picks boolean, reviewed boolean, regions text[], counties text[],
        categories bigint[]
    )
),
place AS MATERIALIZED (
    SELECT DISTINCT card.origin_county, card.origin_prefecture, card.origin_province
    FROM catalogue_productcard AS card
    WHERE card.is_listed AND {chosen_cards}
),
hall AS MATERIALIZED (
    SELECT rule.section_id, rule.picks, rule.reviewed, rule.categories, place.*
    FROM place CROSS JOIN rule
    WHERE (
            rule.regions IS NULL
            OR place.origin_county = ANY(rule.regions)
            OR place.origin_prefecture = ANY(rule.regions)
            OR place.origin_province = ANY(rule.regions)
        )
        AND (rule.counties IS NULL OR place.origin_county = ANY(rule.counties))
),
wanted AS MATERIALIZED (
    SELECT hall.section_id, card.product_id,
        coalesce(
            pin.position,
            %(base)s - floor(extract(epoch FROM card.published_at) * 1000)
        )::bigint AS rank,
        pin.id IS NOT NULL AS is_pinned, card.in_stock AS is_shown,
        card.price_from_fen, card.sold, card.published_at, card.category_id,
        card.origin_county, card.origin_prefecture, card.origin_province
    FROM catalogue_productcard AS card
    JOIN hall USING (origin_county, origin_prefecture, origin_province)
    LEFT JOIN sections_sectionpin AS pin
        ON pin.section_id = hall.section_id AND pin.product_id = card.product_id
    WHERE card.is_listed AND {chosen_cards}
        AND (
            pin.id IS NOT NULL
            OR hall.picks
                AND (hall.categories IS NULL OR card.category_id = ANY(hall.categories))
        )
        AND (
            NOT hall.reviewed
            OR EXISTS (
                SELECT 1 FROM sections_sectionitem AS item
                WHERE item.section_id = hall.section_id AND item.product_id = card.product_id
                    AND item.state = 'APPROVED'
            )
        )
),
changed AS (
    SELECT wanted.* FROM wanted
    LEFT JOIN sections_sectionmember AS member USING (section_id, product_id)
    WHERE member.id IS NULL
        OR (member.rank, member.is_pinned, member.is_shown, member.price_from_fen, member.sold,
            member.published_at, member.category_id, member.origin_county)
        IS DISTINCT FROM
           (wanted.rank, wanted.is_pinned, wanted.is_shown, wanted.price_from_fen, wanted.sold,
            wanted.published_at, wanted.category_id, wanted.origin_county)
),
put AS (
    INSERT INTO sections_sectionmember AS member (
        section_id, product_id, rank, is_pinned, is_shown, price_from_fen, sold, published_at,
        category_id, origin_county, origin_prefecture, origin_province
    )
    SELECT * FROM changed
    ON CONFLICT (section_id, product_id) DO UPDATE SET
        rank = excluded.rank, is_pinned = excluded.is_pinned, is_shown = excluded.is_shown,
        price_from_fen = excluded.price_from_fen, sold = excluded.sold,
        published_at = excluded.published_at, category_id = excluded.category_id,
        origin_county = excluded.origin_county, origin_prefecture = excluded.origin_prefecture,
        origin_province = excluded.origin_province
    RETURNING new.section_id, new.is_shown AS is_shown, old.is_shown AS was_shown,
        new.origin_county AS county, new.origin_prefecture AS prefecture,
        new.origin_province AS province, new.category_id AS category,
        old.origin_county AS old_county, old.origin_prefecture AS old_prefecture,
        old.origin_province AS old_province, old.category_id AS old_category
),
gone AS (
    DELETE FROM sections_sectionmember AS member
    WHERE {chosen_members} AND NOT EXISTS (
        SELECT 1 FROM wanted
        WHERE wanted.section_id = member.section_id AND wanted.product_id = member.product_id
    )
    RETURNING section_id, is_shown, origin_county, origin_prefecture, origin_province, category_id
),
moved AS (
    SELECT section_id, county, prefecture, province, category, sum(change) AS change FROM (
        SELECT section_id, county, prefecture, province, category, 1 AS change
        FROM put WHERE is_shown
        UNION ALL
        SELECT section_id, old_county, old_prefecture, old_province, old_category, -1
        FROM put WHERE was_shown
        UNION ALL
        SELECT section_id, origin_county, origin_prefecture, origin_province, category_id, -1
        FROM gone WHERE is_shown
    ) AS step
    GROUP BY section_id, county, prefecture, province, category
    HAVING sum(change) <> 0
),
fewer AS (
    UPDATE sections_sectioncount AS count SET members = count.members + moved.change
    FROM moved
    WHERE moved.change < 0 AND count.section_id = moved.section_id
        AND count.origin_county = moved.county AND count.category_id = moved.category
),
more AS (
    INSERT INTO sections_sectioncount AS count (
        section_id, origin_county, origin_prefecture, origin_province, category_id, members
    )
    SELECT section_id, county, prefecture, province, category, change FROM moved WHERE change > 0
    ON CONFLICT (section_id, origin_county, category_id)
        DO UPDATE SET members = count.members + excluded.members
)
SELECT (SELECT count(*) FROM put) + (SELECT count(*) FROM gone)
"""


@needs_transaction
def refresh(product_ids: Iterable[int], *, now: datetime) -> int:
    """Choose anew where some products belong; return how many rows changed."""
    return _choose(
        "card.product_id = ANY(%(ids)s)",
        "member.product_id = ANY(%(ids)s)",
        {"ids": list(product_ids)},
        now=now,
    )


@needs_transaction
def refresh_section(section_id: int, *, now: datetime) -> int:
    """Choose anew all that one section holds; return how many rows changed."""
    return _choose("TRUE", "member.section_id = %(section)s", {"section": section_id}, now=now)


def refresh_everything(now: datetime) -> int:
    """Compare every section with every card, some thousand products at a time.

    This is what notices stock that ran out or came back, what was sold, and programmes and
    sections whose day has come; nothing is written where nothing changed.
    """
    changed, after = 0, 0
    while True:
        until = _end_of_window(after)
        changed += _refresh_window(after, until, now=now)
        if until is None:
            return changed
        after = until


@entry
def _refresh_window(after: int, until: int | None, *, now: datetime) -> int:
    inside = "{table}.product_id > %(after)s AND (%(until)s::bigint IS NULL"
    inside += " OR {table}.product_id <= %(until)s)"
    return _choose(
        inside.format(table="card"),
        inside.format(table="member"),
        {"after": after, "until": until},
        now=now,
    )


def _end_of_window(after: int) -> int | None:
    cards = ProductCard.objects.filter(product_id__gt=after).order_by("product_id")
    ends: list[int] = list(cards.values_list("product_id", flat=True)[WINDOW - 1 : WINDOW])
    return ends[0] if ends else None


def _choose(
    chosen_cards: str, chosen_members: str, params: dict[str, Any], *, now: datetime
) -> int:
    rules = _rules(now, params.get("section"))
    statement = _CHOOSE.format(chosen_cards=chosen_cards, chosen_members=chosen_members)
    given: dict[str, Any] = {**params, "rules": Jsonb(rules), "base": RULE_BASE}
    with connection.cursor() as cursor:
        _take_turn(cursor)
        cursor.execute(statement, given)
        (changed,) = cursor.fetchone()
    return int(changed)


def _take_turn(cursor: CursorWrapper) -> None:
    # Held until commit: without it somebody who took a product out would not see that another,
    # with an older look at its card, is just putting it in.
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def _rules(now: datetime, section_id: int | None) -> list[dict[str, Any]]:
    """Return the rules of sections that are open or will be; of others nobody is a member."""
    sections = Section.objects.filter(Q(closes_at=None) | Q(closes_at__gt=now), state__in=VISITED)
    if section_id is not None:
        sections = sections.filter(pk=section_id)
    return [_rule(section, now) for section in sections]


def _rule(section: Section, now: datetime) -> dict[str, Any]:
    day = local_day(now)
    counties = [programmes.counties(slug, on=day) for slug in section.programmes]
    is_reviewed = section.kind == SectionKind.CO_BRANDED
    categories = [tree.below(tree.by_id(category_id)) for category_id in section.categories]
    return {
        "section_id": section.pk,
        "picks": is_reviewed or bool(section.regions or section.programmes or section.categories),
        "reviewed": is_reviewed,
        "regions": section.regions or None,
        "counties": sorted(set().union(*counties)) if counties else None,
        "categories": sorted(set().union(*categories)) if categories else None,
    }
