"""However people write their number, it is one number."""

import pytest

from core.accounts import phones
from core.errors import InvalidInput


@pytest.mark.parametrize(
    "written",
    [
        "13900000001",
        "+8613900000001",
        "86 139 0000 0001",
        "0086-139-0000-0001",
        "(+86) 139.0000.0001",
        "１３９０００００００１",
    ],
)
def test_spellings_of_one_number_are_one(written):
    assert phones.normalised(written) == "+8613900000001"


@pytest.mark.parametrize(
    "written",
    ["", "1390000000", "139000000011", "12900000001", "+113900000001", "abc", "1" * 500, "+86"],
)
def test_what_is_no_mainland_mobile_is_refused(written):
    with pytest.raises(InvalidInput) as refused:
        phones.normalised(written)

    assert refused.value.faults[0].pointer == "/phone"


def test_the_index_of_a_phone_is_not_that_of_a_code():
    assert phones.index_of("+8613900000001") != phones.index_of("+8613900000002")
