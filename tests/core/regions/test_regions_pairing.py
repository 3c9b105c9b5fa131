"""Pairings of regions and programmes of their own: dated, never twice at a time."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.regions.models import Programme, ProgrammeMembership, RegionPairing
from core.regions.selectors import attribution
from core.regions.selectors import programmes as known
from core.regions.services import pairing, programmes
from tests.factories.accounts import a_staff, bearer
from tests.factories.regions import BEGUN, a_pairing, a_programme

pytestmark = pytest.mark.django_db
JSON = "application/json"
SHANGHAI, HUBEI, ZIGUI, XINGSHAN, CHENGDU = "310000", "420000", "420527", "420526", "510104"
PUDONG = "310115"
DAY = date(2026, 11, 11)


def paired(origins, to=PUDONG, on=DAY):
    return attribution.of_sale(origins, to=to, on=on).pairings


def test_a_sale_counts_where_the_receiver_helps_and_the_origin_is_helped():
    one = a_pairing()

    assert paired([ZIGUI, CHENGDU]) == {ZIGUI: one.pk}
    assert paired([ZIGUI], to="440304") == {}


def test_of_overlapping_pairings_the_smallest_priority_counts_alone():
    a_pairing(priority=50)
    county = a_pairing("310115", ZIGUI, priority=10)
    a_pairing("310115", "420500", priority=10)

    assert paired([ZIGUI]) == {ZIGUI: county.pk}
    assert len(paired([ZIGUI, XINGSHAN])) == 2


def test_a_pairing_counts_on_its_days_only():
    one = a_pairing(valid_from=date(2026, 3, 1), valid_until=date(2026, 11, 11))

    assert paired([ZIGUI], on=date(2026, 2, 28)) == {}
    assert paired([ZIGUI], on=date(2026, 11, 10)) == {ZIGUI: one.pk}
    assert paired([ZIGUI], on=date(2026, 11, 11)) == {}


def test_programmes_and_pairings_cost_one_statement(queries_of):
    a_pairing()

    assert queries_of(lambda: paired([ZIGUI, XINGSHAN, CHENGDU])) == 1


def test_two_regions_are_never_paired_twice_at_a_time():
    a_pairing(valid_until=date(2026, 7, 1))
    a_pairing(valid_from=date(2026, 7, 1))

    with pytest.raises(pairing.PairedAlready), transaction.atomic():
        a_pairing(valid_from=date(2026, 6, 30), valid_until=date(2026, 7, 2))
    with pytest.raises(InvalidInput):
        a_pairing(HUBEI, HUBEI)
    assert RegionPairing.objects.count() == 2


def test_a_pairing_ends_once_and_never_before_it_began():
    one = a_pairing()

    with transaction.atomic():
        ended = pairing.end(one, on=DAY)
        with pytest.raises(IllegalTransition):
            pairing.end(one, on=DAY)
        with pytest.raises(InvalidInput):
            pairing.end(one, on=BEGUN)
    assert ended.valid_until == DAY


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"helper": "上海"}, "regions_are_codes"),
        ({"helper": HUBEI}, "is_with_another"),
        ({"valid_until": BEGUN}, "window_is_forward"),
        ({"reason": ""}, "is_explained"),
    ],
)
def test_the_database_refuses_a_pairing(changes, constraint):
    one = a_pairing()

    with pytest.raises(IntegrityError, match=f"regions_regionpairing_{constraint}"):
        RegionPairing.objects.filter(pk=one.pk).update(**changes)


def test_a_county_leaves_an_own_programme_and_comes_back():
    own = a_programme(HUBEI, ZIGUI)
    with transaction.atomic():
        programmes.dismiss(own, ZIGUI, on=date(2026, 5, 1))
        programmes.admit(
            own, ZIGUI, valid_from=date(2026, 9, 1), valid_until=None, reason="复审通过"
        )

    held = [
        own.slug in known.of_county(ZIGUI, on=date(2026, month, 1)) for month in (4, 5, 8, 9, 12)
    ]

    assert held == [True, False, False, True, True]
    assert ProgrammeMembership.objects.filter(programme=own).count() == 2


def test_a_county_is_never_listed_twice_at_a_time_nor_from_elsewhere():
    own = a_programme(HUBEI, ZIGUI)
    given = {"valid_from": DAY, "valid_until": None, "reason": "文件"}

    with pytest.raises(programmes.MemberAlready), transaction.atomic():
        programmes.admit(own, ZIGUI, **given)
    with pytest.raises(InvalidInput), transaction.atomic():
        programmes.admit(own, CHENGDU, **given)
    with pytest.raises(NotFound), transaction.atomic():
        programmes.dismiss(own, XINGSHAN, on=DAY)
    with pytest.raises(InvalidInput), transaction.atomic():
        programmes.dismiss(own, ZIGUI, on=BEGUN)
    assert ProgrammeMembership.objects.filter(programme=own).count() == 1


def test_the_database_refuses_a_programme_of_no_region():
    own = a_programme()

    with pytest.raises(IntegrityError, match="regions_programme_region_is_a_code"):
        Programme.objects.filter(pk=own.pk).update(region="湖北")


def test_staff_run_the_programmes_of_their_region_and_no_official_list(client):
    here = bearer(a_staff(Role.SECTION_MANAGER, region=HUBEI))
    body = {
        "slug": "hubei-model",
        "name_zh": "湖北示范县",
        "name_en": "Model counties",
        "source": "省政府文件",
        "region": HUBEI,
    }
    member = {"region": ZIGUI, "valid_from": "2026-01-01", "reason": "文件"}
    base = "/api/v1/staff/programmes"

    made = client.post(base, body, JSON, **here)
    again = client.post(base, body, JSON, **here)
    elsewhere = client.post(base, body | {"slug": "x", "region": "510000"}, JSON, **here)
    joined = client.post(f"{base}/hubei-model/regions", member, JSON, **here)
    twice = client.post(f"{base}/hubei-model/regions", member, JSON, **here)
    official = client.post(f"{base}/832/regions", member, JSON, **here)
    listed = client.get("/api/v1/programmes/hubei-model/regions?on=2026-06-01").json()
    left = client.post(
        f"{base}/hubei-model/regions/{ZIGUI}/ending", {"on": "2026-05-01"}, JSON, **here
    )

    assert (made.status_code, made.json()["region"]) == (201, HUBEI)
    assert (again.status_code, again.json()["code"]) == (409, "PROGRAMME_EXISTS")
    assert (elsewhere.status_code, official.status_code) == (403, 403)
    assert (joined.status_code, joined.json()["name"]) == (201, "秭归县")
    assert (twice.status_code, twice.json()["code"]) == (409, "MEMBER_ALREADY")
    assert [row["code"] for row in listed["results"]] == [ZIGUI]
    assert (left.status_code, left.json()["valid_until"]) == (200, "2026-05-01")
