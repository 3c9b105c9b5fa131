"""The shipped tables, loaded: nothing dropped, nothing attached by code alone."""

import csv
import gzip
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core.regions import atlas, codes
from core.regions.models import ProgrammeMembership, Region
from core.regions.services import loading

pytestmark = pytest.mark.django_db

SOURCE = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_loading_again_changes_nothing_and_says_so():
    said = StringIO()

    call_command("load_regions", stdout=said)

    lines = said.getvalue().splitlines()
    assert lines[0].startswith("regions: 0 added, 0 changed, 3369 as they were, 0 not in")
    assert lines[0].endswith("124 statistical zones left out")
    assert lines[2].startswith("programme memberships: 0 added, 0 changed, 1664 as they were")


def test_loading_repairs_what_differs_and_adds_what_is_missing():
    Region.objects.filter(code="420527").update(name="子归县")
    Region.objects.filter(code="420528").delete()

    with transaction.atomic():
        regions = loading.load()[0]

    assert (regions.added, regions.changed, regions.unchanged) == (1, 1, 3367)
    assert Region.objects.get(code="420527").name == "秭归县"


def test_every_county_of_2023_with_a_standard_code_is_a_place():
    shipped = {row["code"]: row["name"] for row in atlas.read("areas.csv.gz")}
    present = dict(
        Region.objects.filter(valid_until=None, is_place=True).values_list("code", "name")
    )

    absent = shipped.keys() - present.keys()

    assert {code for code in absent if code[4] != "7"} == {"460321", "460322", "460323"}
    assert len([code for code in absent if code[4] == "7"]) == 124
    assert all(present[code] == shipped[code] for code in shipped.keys() & present.keys())


def test_every_parent_of_a_present_division_is_there():
    present = set(Region.objects.filter(valid_until=None).values_list("code", flat=True))

    assert {codes.parent_of(code) for code in present} - {""} <= present


def test_all_832_rows_stand_for_a_present_place_each_with_a_reason():
    present = dict(
        Region.objects.filter(valid_until=None, is_place=True).values_list("code", "name")
    )
    rows = list(ProgrammeMembership.objects.filter(programme__slug="832"))

    assert len(rows) == len({row.listed_code for row in rows}) == 832
    assert all(row.region_code in present and row.reason for row in rows)
    assert all(
        row.listed_code == row.region_code and row.listed_name == present[row.region_code]
        for row in rows
        if row.resolution == "SAME"
    )
    assert all(row.listed_code[:2] == row.region_code[:2] for row in rows)
    assert Counter(row.resolution for row in rows) == {
        "SAME": 787,
        "RENAMED": 39,
        "RECODED": 5,
        "MERGED": 1,
    }


def test_rows_keep_the_province_of_the_list():
    provinces = dict(
        Region.objects.filter(level="PROVINCE", valid_until=None).values_list("code", "name")
    )
    listed = {row["listed_code"]: row["province"] for row in atlas.read("counties_832.csv")}

    for row in ProgrammeMembership.objects.filter(programme__slug="832"):
        assert provinces[codes.province_of(row.region_code)] == listed[row.listed_code]


def test_the_mapping_explains_exactly_what_does_not_agree():
    table = {row["code"]: row["name"] for row in atlas.read("areas.csv.gz")}
    listed = atlas.read("counties_832.csv")
    unlike = {
        row["listed_code"] for row in listed if table.get(row["listed_code"]) != row["listed_name"]
    }
    mapped = {row["listed_code"] for row in atlas.read("counties_832_mapping.csv")}

    assert mapped == unlike
    assert len([code for code in unlike if code not in table]) == 5


def test_a_code_that_names_another_place_is_not_taken_at_its_word():
    lenghu = ProgrammeMembership.objects.get(programme__slug="832", listed_name="冷湖行委")

    assert (lenghu.listed_code, lenghu.region_code) == ("630104", "632803")
    assert not ProgrammeMembership.objects.filter(region_code="630104").exists()


def test_a_row_that_nothing_explains_stops_the_loading(monkeypatch):
    read = atlas.read

    def with_a_stray_row(name):
        rows = read(name)
        if name == "counties_832.csv":
            stray = {"listed_code": "310101", "listed_name": "某县"}
            rows.append({**stray, "province": "上海市", "left_year": "2020"})
        return rows

    monkeypatch.setattr(loading, "read", with_a_stray_row)

    with pytest.raises(loading.UnexplainedRow, match="310101"):
        loading.load()


def test_poor_counties_end_with_the_year_they_left():
    row = ProgrammeMembership.objects.get(programme__slug="poor-county", listed_code="420527")
    lasting = ProgrammeMembership.objects.get(programme__slug="832", listed_code="420527")

    assert row.valid_until == date(row.left_year + 1, 1, 1)
    assert (row.precision, row.start_is_assumed) == ("YEAR", True)
    assert lasting.valid_until is None
    assert lasting.left_year == row.left_year


def test_one_code_never_names_two_divisions_on_one_day():
    clash = Region.objects.get(code="420527")
    clash.pk = None
    clash.valid_until = date(2020, 1, 1)

    with pytest.raises(IntegrityError, match="regions_region_validity_never_overlaps"):
        clash.save()


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"needs {SOURCE}, which does not ship")
@pytest.mark.parametrize("name", ["areas", "areacity_level3", "adcodes_lonlat"])
def test_the_shipped_copies_are_the_sources(name):
    shipped = gzip.decompress((atlas.DATA / f"{name}.csv.gz").read_bytes())

    assert shipped == (SOURCE / "regions" / f"{name}.csv").read_bytes()


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"needs {SOURCE}, which does not ship")
def test_no_row_of_the_source_list_is_dropped_or_invented():
    sheet = (SOURCE / "counties-832" / "poverty_county_list.csv").read_text(encoding="utf-8")
    source = {
        (row["行政区划代码"].removesuffix(".0"), row["县域名称"], row["摘帽时间"][:4])
        for row in csv.DictReader(StringIO(sheet))
    }
    shipped = {
        (row["listed_code"], row["listed_name"], row["left_year"])
        for row in atlas.read("counties_832.csv")
    }

    assert shipped == source
