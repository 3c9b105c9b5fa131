"""Looking places up: by code, by name, by pinyin, on a day."""

from datetime import date

import pytest

from core.regions.models import Region
from core.regions.selectors import divisions, programmes

pytestmark = pytest.mark.django_db


def found(**asked):
    return list(divisions.listed(**asked).values_list("code", flat=True))


def test_a_county_knows_its_province_and_prefecture():
    county = divisions.county("420527")

    assert county.full_name == "湖北省宜昌市秭归县"
    assert (county.province_code, county.prefecture_code) == ("420000", "420500")


def test_a_directly_administered_county_has_no_prefecture():
    county = divisions.county("429004")

    assert (county.full_name, county.prefecture_code) == ("湖北省仙桃市", "")


@pytest.mark.parametrize("code", ["441900", "810000"])
def test_what_has_nothing_below_is_a_place_itself(code):
    assert divisions.county(code).code == code


@pytest.mark.parametrize("code", ["", "42052", "420599", "420500", "420000", "北京", "420527 "])
def test_what_is_no_place_is_unknown(code):
    with pytest.raises(divisions.UnknownRegion):
        divisions.county(code)


def test_a_retired_code_is_refused_today_and_known_in_its_time():
    with pytest.raises(divisions.RetiredRegion):
        divisions.county("420821")

    assert divisions.county("420821", on=date(2016, 5, 1)).name == "京山县"


def test_a_name_changes_on_one_day_with_no_day_between():
    assert divisions.county("130502", on=date(2023, 12, 31)).name == "桥东区"
    assert divisions.county("130502", on=date(2024, 1, 1)).name == "襄都区"
    assert divisions.county("130502").name == "襄都区"


def test_names_are_the_present_ones_and_read_once(queries_of):
    divisions.forget_names()
    codes = ["130502", "420527", "000000"]

    assert queries_of(lambda: divisions.names(codes[:2])) == 1
    assert queries_of(lambda: divisions.names(codes[:2])) == 0
    assert divisions.names(codes) == {"130502": "襄都区", "420527": "秭归县"}


@pytest.mark.parametrize("typed", ["秭归", "zigui", "Zi Gui", "ziguixian", "zgx"])
def test_a_county_is_found_by_name_pinyin_and_initials(typed):
    assert "420527" in found(search=typed, level="COUNTY")


def test_repeated_names_are_told_apart_by_their_full_names():
    names = list(divisions.listed(search="鼓楼区").values_list("full_name", flat=True))

    assert len(names) == len(set(names)) == 4


def test_children_are_direct_and_a_level_reaches_down():
    assert "429004" in found(parent="420000")
    assert "420527" not in found(parent="420000")
    assert {"429004", "420527"} <= set(found(parent="420000", level="COUNTY"))
    assert len(found(level="PROVINCE")) == 34


def test_retired_divisions_are_not_listed():
    assert found(search="京山") == ["420882"]


def test_coordinates_are_where_the_place_is():
    zigui = Region.objects.get(code="420527")

    assert (round(zigui.longitude), round(zigui.latitude)) == (111, 31)


def test_programmes_of_a_county_depend_on_the_day():
    left = 2018

    assert programmes.of_county("420527", on=date(left, 12, 31)) == ["832", "poor-county"]
    assert programmes.of_county("420527", on=date(left + 1, 1, 1)) == ["832"]
    assert programmes.of_county("310101", on=date(left, 12, 31)) == []


def test_programmes_of_many_counties_are_one_statement(queries_of):
    on = date(2026, 1, 1)

    assert queries_of(lambda: programmes.of_counties(["420527", "310101"], on=on)) == 1
    assert len(programmes.counties("832", on=on)) == 831
    assert programmes.counties("poor-county", on=on) == set()
