"""Pages of a section: two statements, no gap, no duplicate, and never the whole catalogue."""

import re
from itertools import product as every

import pytest
from django.db import connection

from core.http.paging import Keyset, Position
from marketplace.sections.models import SectionMember
from marketplace.sections.selectors import halls
from marketplace.sections.services import membership
from shops.catalogue.models import ProductCard
from shops.catalogue.selectors import tree
from tests.factories.catalogue import a_category
from tests.factories.sections import a_section
from tests.support.many_products import many_products

pytestmark = pytest.mark.django_db

PRODUCTS, MANY = 480, 4_000
HUBEI = PRODUCTS * 5 // 8


def _hall(count, now):
    many_products(count)
    section = a_section("hubei", regions=["420000"])
    membership.refresh_everything(now)
    return section


@pytest.fixture
def hall(now):
    """A section of Hubei over some hundred products."""
    return _hall(PRODUCTS, now)


@pytest.fixture
def large_hall(now):
    """A section of Hubei over some thousand products, and their statistics."""
    section = _hall(MANY, now)
    with connection.cursor() as cursor:
        for table in ("sections_sectionmember", "sections_sectioncount", "catalogue_productcard"):
            cursor.execute(f"ANALYZE {table}")
    return section


def _walk(client, address, between=lambda: None):
    ids = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        ids += [card["id"] for card in page["results"]]
        address = page["next"]
        between()
    return ids


def test_a_walk_shows_every_product_once_while_others_are_edited(client, hall, now):
    assert SectionMember.objects.filter(section=hall, is_shown=True).count() == HUBEI
    keys = list(SectionMember.objects.order_by("?").values_list("product_id", flat=True)[:100])

    def edit():
        # An edit of prices moves nothing in the orders that are not by price.
        if keys:
            product_id = keys.pop()
            ProductCard.objects.filter(pk=product_id).update(price_from_fen=1)
            membership.refresh([product_id], now=now)

    def stand_still():
        pass

    for ordering in halls.ORDERINGS:
        address = f"/api/v1/sections/hubei/products?ordering={ordering}"
        ids = _walk(client, address, stand_still if "price" in ordering else edit)

        assert len(ids) == len(set(ids)) == HUBEI, ordering
    assert len(keys) < 70


def test_a_walk_goes_back_the_way_it_came(client, hall):
    first = client.get("/api/v1/sections/hubei/products").json()
    second = client.get(first["next"]).json()

    back = client.get(second["previous"]).json()

    assert first["previous"] is None
    assert back["results"] == first["results"]


def test_orderings_are_what_they_say(client, hall):
    def listed(ordering, field):
        address = f"/api/v1/sections/hubei/products?ordering={ordering}&page_size=100"
        return [card[field] for card in client.get(address).json()["results"]]

    assert listed("price", "price_from_fen") == sorted(listed("price", "price_from_fen"))
    dearest = listed("-price", "price_from_fen")
    assert dearest == sorted(dearest, reverse=True)
    assert dearest[0] > max(listed("price", "price_from_fen"))
    best = listed("-sold", "sold")
    assert best == sorted(best, reverse=True)


@pytest.mark.parametrize(
    ("query", "statements"),
    [("", 1), ("?ordering=-sold", 1), ("?category=citrus", 2), ("?origin=420527", 2),
     ("?origin=310101", 2)],
)  # fmt: skip
def test_a_page_costs_one_statement_and_a_narrowed_one_two(
    client, hall, queries_of, query, statements
):
    address = f"/api/v1/sections/hubei/products{query}"
    following = client.get(address).json()["next"] or address

    assert queries_of(lambda: client.get(address)) == statements
    assert queries_of(lambda: client.get(following)) == statements


def test_lists_narrow_by_origin_of_any_level_and_by_category_with_what_is_below(client, hall):
    def count(query):
        return len(_walk(client, f"/api/v1/sections/hubei/products?page_size=100&{query}"))

    assert count("origin=420000") == HUBEI
    assert count("origin=420500") == PRODUCTS // 4
    assert count("origin=420527") == PRODUCTS // 8
    assert count("category=citrus") + count("category=kiwifruit") == count("category=fruit")
    assert count("category=citrus&origin=420527") == PRODUCTS // 40
    assert count(f"category={a_category('citrus').reference}") == count("category=citrus")
    assert count("origin=310101") == 0


def _plan(section, now, ordering, origin, category):
    """Explain a page in the middle of a list."""
    place = halls.hall(
        section.slug,
        now=now,
        origin=origin,
        category_ids=tree.below(a_category(category)) if category else None,
    )
    columns = halls.ORDERINGS[ordering]
    names = {name.removeprefix("-"): f"member.{name.removeprefix('-')}" for name in columns}
    middle = SectionMember.objects.filter(section=section).order_by(*columns)[MANY // 4]
    values = tuple(getattr(middle, name) for name in names)
    statement, params = halls.page_statement(
        place, Keyset(columns).sql(Position(20, values), names)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_no_page_reads_the_whole_catalogue(large_hall, now):
    for asked in every(halls.ORDERINGS, ["", "420527", "420500"], [None, "eggs", "fruit"]):
        plan = _plan(large_hall, now, *asked)

        assert "Seq Scan" not in plan, (asked, plan)
        rows = max(float(read) for read in re.findall(r"actual rows=([0-9.]+)", plan))
        assert rows <= MANY // 8, (asked, plan)


def test_canary_without_its_index_a_page_reads_the_whole_section(large_hall, now):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX sections_member_by_sold")

    plan = _plan(large_hall, now, "-sold", "", None)

    rows = max(float(read) for read in re.findall(r"actual rows=([0-9.]+)", plan))
    assert rows > MANY // 8, plan


def test_facets_add_up_to_what_the_section_shows(client, hall, queries_of):
    client.get("/api/v1/sections/hubei/facets")
    told = {}

    statements = queries_of(lambda: told.update(client.get("/api/v1/sections/hubei/facets").json()))

    assert statements == 2
    assert told["products"] == HUBEI
    assert sum(origin["products"] for origin in told["origins"]) == HUBEI
    assert sum(category["products"] for category in told["categories"]) == HUBEI
    assert len(told["origins"]) == 5
    assert {"code": "420527", "name": "秭归县", "products": PRODUCTS // 8} in told["origins"]


def test_the_same_bytes_are_not_sent_twice(client, hall):
    for address in ("", "/hubei", "/hubei/products", "/hubei/facets"):
        answer = client.get(f"/api/v1/sections{address}")

        again = client.get(f"/api/v1/sections{address}", HTTP_IF_NONE_MATCH=answer["ETag"])

        assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")


def test_what_was_withdrawn_a_moment_ago_is_passed_over_at_once(client, hall):
    first = client.get("/api/v1/sections/hubei/products").json()["results"]
    ProductCard.objects.filter(product__reference=first[0]["id"]).update(is_listed=False)

    again = client.get("/api/v1/sections/hubei/products").json()["results"]

    assert len(again) == 20
    assert again[:19] == first[1:]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("origin=990000", "/origin", "UNKNOWN_REGION"),
        ("origin=420527'--", "/origin", "UNKNOWN_REGION"),
        ("category=stones", "/category", "UNKNOWN_CATEGORY"),
        ("ordering=title", "/ordering", None),
        ("page_size=0", "/page_size", "OUT_OF_RANGE"),
        ("sort=price", "/sort", "UNKNOWN_FIELD"),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(client, now, query, pointer, code):
    a_section("hubei", regions=["420000"])

    answer = client.get(f"/api/v1/sections/hubei/products?{query}")

    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert code is None or fault["code"] == code


def test_a_cursor_of_another_ordering_is_refused(client, hall):
    cursor = client.get("/api/v1/sections/hubei/products").json()["next"].split("cursor=")[1]

    answer = client.get(f"/api/v1/sections/hubei/products?ordering=price&cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CURSOR")


@pytest.mark.parametrize("address", ["", "/products", "/facets"])
def test_a_section_that_is_not_open_is_not_there(client, address):
    a_section("later", regions=["420000"], state="DRAFT")

    assert client.get(f"/api/v1/sections/later{address}").status_code == 404
    assert client.get(f"/api/v1/sections/no-such{address}").status_code == 404
    assert client.get("/api/v1/sections").json()["results"] == []
