"""What a code says about itself."""

import pytest

from core.regions import codes


@pytest.mark.parametrize(
    ("code", "level", "prefecture", "line"),
    [
        ("420000", "PROVINCE", "", ["420000"]),
        ("420500", "PREFECTURE", "420500", ["420500", "420000"]),
        ("420527", "COUNTY", "420500", ["420527", "420500", "420000"]),
        ("429004", "COUNTY", "", ["429004", "420000"]),
        ("659001", "COUNTY", "", ["659001", "650000"]),
        ("441900", "PREFECTURE", "441900", ["441900", "440000"]),
        ("500229", "COUNTY", "500200", ["500229", "500200", "500000"]),
    ],
)
def test_a_code_says_what_lies_above_it(code, level, prefecture, line):
    assert codes.level_of(code) == level
    assert codes.prefecture_of(code) == prefecture
    assert codes.ancestors(code) == line
    assert codes.province_of(code) == line[-1]


def test_a_division_lies_within_itself_and_its_ancestors_only():
    assert codes.is_within("420527", "420000")
    assert codes.is_within("420527", "420527")
    assert not codes.is_within("420527", "420600")
    assert not codes.is_within("420500", "420527")
