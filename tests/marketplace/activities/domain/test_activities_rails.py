"""The guard rails of flash sales, to the fen and to the second."""

from datetime import timedelta

import pytest

from marketplace.activities.domain import rails
from marketplace.activities.domain.rails import Rails

DAY = timedelta(hours=24)


def refusal(now, price_fen, list_price_fen, lasts=DAY, **limits):
    try:
        Rails(**limits).insist(
            price_fen=price_fen, list_price_fen=list_price_fen, starts_at=now, ends_at=now + lasts
        )
    except rails.DomainError as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("price_fen", "list_price_fen", "code"),
    [
        (1, 1_000, "FLASH_LIST_PRICE_TOO_LOW"),
        (101, 1_001, "FLASH_TOO_LITTLE_OFF"),
        (1_000, 2_000, None),
        (1_001, 2_000, "FLASH_TOO_LITTLE_OFF"),
        # 1 and 8.5 zhe: from a tenth to 85 %.
        (2_000, 20_000, None),
        (1_999, 20_000, "FLASH_PRICE_OUT_OF_RANGE"),
        (17_000, 20_000, None),
        (17_001, 20_000, "FLASH_PRICE_OUT_OF_RANGE"),
        # No rounding helps: a tenth of 20,001 is 2,000.1.
        (2_000, 20_001, "FLASH_PRICE_OUT_OF_RANGE"),
        (2_001, 20_001, None),
        (17_000, 20_001, None),
        (17_001, 20_001, "FLASH_PRICE_OUT_OF_RANGE"),
    ],
)
def test_a_flash_sale_is_really_cheaper(now, price_fen, list_price_fen, code):
    assert refusal(now, price_fen, list_price_fen) == code


def test_a_flash_sale_is_over_within_a_day(now):
    assert refusal(now, 1_000, 2_000, DAY) is None
    assert refusal(now, 1_000, 2_000, DAY + timedelta(seconds=1)) == "FLASH_TOO_LONG"


def test_a_market_may_set_other_rails(now):
    assert refusal(now, 500, 1_000, list_price_above_fen=500, off_fen_min=500) is None
    assert refusal(now, 1_900, 2_000, price_bp_max=9_500, off_fen_min=100) is None
    assert refusal(now, 1_000, 2_000, longest=timedelta(hours=1)) == "FLASH_TOO_LONG"
