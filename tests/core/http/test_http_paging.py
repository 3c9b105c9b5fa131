"""A walk through the pages sees every row once, in both directions, whatever the order."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.audit.models import StateLog
from core.http.paging import Keyset
from tests.support.interface import Listed

pytestmark = [pytest.mark.urls("tests.support.interface"), pytest.mark.django_db]

ORDERINGS = [
    ("id",),
    ("-id",),
    ("-from_state", "-id"),
    ("from_state", "-id"),
    ("-from_state", "subject_id", "-id"),
    ("actor_id", "-subject_id", "id"),
]


@pytest.fixture
def rows(now):
    return StateLog.objects.bulk_create(
        StateLog(
            subject="deed",
            subject_id=place % 3,
            from_state="ABC"[place % 2],
            to_state="OPEN",
            at=now,
        )
        for place in range(7)
    )


@pytest.fixture
def walk(client):
    def follow(path, direction="next"):
        pages = []
        while path:
            answer = client.get(path)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            pages.append(page)
            path = page[direction]
        return pages

    return follow


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_every_row_is_seen_once_in_order(rows, walk, monkeypatch, ordering):
    monkeypatch.setattr(Listed, "ordering", ordering)
    expected = [
        {"n": row.subject_id, "s": row.from_state}
        for row in StateLog.objects.filter(subject="deed").order_by(*ordering)
    ]

    pages = walk("/api/v1/listed?page_size=2")

    assert [row for page in pages for row in page["results"]] == expected
    assert [len(page["results"]) for page in pages] == [2, 2, 2, 1]
    assert pages[0]["previous"] is None


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_the_way_back_shows_the_same_pages(rows, walk, monkeypatch, ordering):
    monkeypatch.setattr(Listed, "ordering", ordering)
    there = walk("/api/v1/listed")

    back = walk(there[-1]["previous"], "previous")

    assert [page["results"] for page in back] == [page["results"] for page in there[-2::-1]]


@pytest.mark.parametrize("ordering", [("-actor_id", "id"), ("actor_id", "-id")])
def test_null_stands_above_everything_and_is_not_lost(
    walk, monkeypatch, django_user_model, now, ordering
):
    monkeypatch.setattr(Listed, "ordering", ordering)
    person = django_user_model.objects.create()
    StateLog.objects.bulk_create(
        StateLog(
            subject="deed",
            subject_id=place,
            actor=None if place % 2 else person,
            from_state="A",
            to_state="B",
            at=now,
        )
        for place in range(7)
    )
    expected = list(StateLog.objects.order_by(*ordering).values_list("subject_id", flat=True))

    pages = walk("/api/v1/listed")
    back = walk(pages[-1]["previous"], "previous")

    assert [row["n"] for page in pages for row in page["results"]] == expected
    assert [page["results"] for page in back] == [page["results"] for page in pages[-2::-1]]


def test_a_row_that_appears_meanwhile_moves_nobody(rows, walk, client, monkeypatch, now):
    monkeypatch.setattr(Listed, "ordering", ("-id",))
    first = client.get("/api/v1/listed").json()
    StateLog.objects.create(subject="deed", subject_id=99, from_state="A", to_state="B", at=now)

    rest = walk(first["next"])

    seen = first["results"] + [row for page in rest for row in page["results"]]
    assert [row["n"] for row in seen] == [row.subject_id for row in reversed(rows)]


def test_the_address_of_a_page_keeps_what_was_asked(rows, client):
    page = client.get("/api/v1/listed?page_size=3").json()

    assert "page_size=3" in page["next"]
    assert page["next"].startswith("http://testserver/api/v1/listed?")


@pytest.mark.parametrize("cursor", ["", "x", "e30:abc", "WzAsWzFdXQ:forged", "é", "%00"])
def test_a_forged_cursor_is_refused(client, cursor):
    answer = client.get("/api/v1/listed", {"cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["code"] in {"INVALID_CURSOR", "MALFORMED_REQUEST"}


def test_a_changed_cursor_is_refused(rows, client):
    following = client.get("/api/v1/listed").json()["next"]

    answer = client.get(following.replace("cursor=W", "cursor=X"))

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CURSOR")


def test_a_cursor_of_another_ordering_is_refused(rows, client, monkeypatch):
    following = client.get("/api/v1/listed").json()["next"]

    monkeypatch.setattr(Listed, "ordering", ("-id",))

    assert client.get(following).json()["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize("size", ["0", "101", "-1", "x", "", "9" * 40, "１"])
def test_a_page_size_out_of_range_is_refused(client, size):
    answer = client.get("/api/v1/listed", {"page_size": size})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/page_size"


def test_a_cursor_keeps_the_kind_of_every_value():
    values = (7, "橙", None, True, date(2026, 11, 11), datetime(2026, 11, 11, tzinfo=UTC), uuid4())
    keyset = Keyset(("a", "b", "c", "d", "e", "f", "id"))

    assert keyset.decode(keyset.encode(values, is_backward=True)) == (values, True)


@pytest.mark.parametrize("ordering", [("-from_state", "-id"), ("-from_state", "id")])
def test_hand_written_sql_walks_the_same_way(rows, rf, ordering):
    from rest_framework.request import Request

    keyset = Keyset(ordering, page_size=2)
    expected = list(StateLog.objects.order_by(*ordering).values_list("id", flat=True))
    address, seen = "/api/v1/listed", []
    while address:
        request = Request(rf.get(address))
        position = keyset.position(request)
        clause = keyset.sql(position, {"id": "log.id", "from_state": "log.from_state"})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT log.from_state, log.id FROM audit_statelog AS log"
                f" WHERE {clause.where or 'true'} ORDER BY {clause.order_by} LIMIT {clause.limit}",
                clause.params,
            )
            found = cursor.fetchall()
        page = keyset.payload(request, position, found, render=lambda row: row[1], key=list)
        seen += page["results"]
        address = page["next"]

    assert seen == expected


def test_a_page_compares_whole_rows_and_does_not_count(rows, client, monkeypatch):
    """A comparison of rows is one condition that an index answers; a chain of ORs is not."""
    monkeypatch.setattr(Listed, "ordering", ("-from_state", "-id"))
    following = client.get("/api/v1/listed").json()["next"]

    with CaptureQueriesContext(connection) as captured:
        client.get(following)

    (statement,) = [query["sql"] for query in captured.captured_queries]
    assert '("audit_statelog"."from_state", "audit_statelog"."id") < (' in statement
    assert " OR " not in statement
