"""Regions and programmes over HTTP."""

import pytest

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def walk(client, url):
    rows = []
    while url:
        page = client.get(url).json()
        rows += page["results"]
        url = page["next"]
    return rows


def test_an_address_picker_walks_from_province_to_county(client):
    provinces = walk(client, f"{BASE}/regions?level=PROVINCE")
    hubei = next(row for row in provinces if row["name"] == "湖北省")
    below = walk(client, f"{BASE}/regions?parent={hubei['code']}")

    assert len(provinces) == 34
    assert {"宜昌市", "仙桃市"} <= {row["name"] for row in below}
    assert {row["code"]: row["is_place"] for row in below}["429004"] is True


def test_counties_of_the_whole_country_come_in_pages_without_gaps(client):
    rows = walk(client, f"{BASE}/regions?level=COUNTY&page_size=100")

    assert len(rows) == len({row["code"] for row in rows}) == 2850


def test_regions_are_sent_once(client):
    first = client.get(f"{BASE}/regions/420527")
    again = client.get(f"{BASE}/regions/420527", headers={"If-None-Match": first["ETag"]})

    assert first.json()["full_name"] == "湖北省宜昌市秭归县"
    assert (again.status_code, again.content) == (304, b"")


def test_a_retired_division_can_still_be_read(client):
    assert client.get(f"{BASE}/regions/420821").json()["valid_until"] == "2024-01-01"


def test_programmes_list_their_counties_on_a_day(client):
    slugs = [row["slug"] for row in walk(client, f"{BASE}/programmes")]
    today = walk(client, f"{BASE}/programmes/832/regions")
    then = walk(client, f"{BASE}/programmes/poor-county/regions?on=2019-12-31")

    assert slugs == ["832", "poor-county"]
    assert len(today) == 832
    assert all(row["reason"] for row in today)
    assert len(then) == 345 + 52


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("parent=999999", "/parent", "UNKNOWN_REGION"),
        ("parent=420821", "/parent", "RETIRED_REGION"),
        ("level=VILLAGE", "/level", None),
        ("search=" + "长" * 41, "/search", None),
        ("search=%E2%80%AE", "/search", "FORBIDDEN_CHARACTER"),
        ("nonsense=1", "/nonsense", "UNKNOWN_FIELD"),
    ],
)
def test_bad_questions_are_refused_with_a_pointer(client, query, pointer, code):
    answer = client.get(f"{BASE}/regions?{query}")

    fault = answer.json()["errors"][0]
    assert answer.status_code == 400
    assert fault["pointer"] == pointer
    assert code in (None, fault["code"])


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("regions/999999", 404),
        ("regions/42052", 404),
        ("regions?cursor=nonsense", 400),
        ("programmes/none/regions", 404),
        ("programmes/832/regions?on=yesterday", 400),
        ("programmes/832/regions?on=2020-02-30", 400),
    ],
)
def test_what_is_not_there_is_refused(client, address, status):
    assert client.get(f"{BASE}/{address}").status_code == status
