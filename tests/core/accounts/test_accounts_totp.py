"""Codes of the clock, as RFC 6238 and RFC 4226 write them down."""

from datetime import UTC, datetime, timedelta

import pytest

from core.accounts.domain import totp

SECRET = b"12345678901234567890"
# RFC 6238, appendix B, the SHA-1 column.
VECTORS = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]
# RFC 4226, appendix D.
COUNTED = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583"]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard_hold(seconds, code):
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))

    assert totp.code_at(SECRET, step, digits=8) == code


def test_the_vectors_of_the_counter_hold():
    assert [totp.code_at(SECRET, counter) for counter in range(8)] == COUNTED


def test_a_clock_may_be_half_a_minute_off(now):
    steps = [totp.step_of(now) + drift for drift in (-2, -1, 0, 1, 2)]

    found = [totp.step_of_code(SECRET, totp.code_at(SECRET, step), now) for step in steps]

    assert found == [None, *steps[1:-1], None]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00"])
def test_what_is_no_code_is_refused(code, now):
    assert totp.step_of_code(SECRET, code, now) is None


def test_a_step_lasts_half_a_minute():
    start = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)

    assert totp.step_of(start) == totp.step_of(start + timedelta(seconds=29))
    assert totp.step_of(start + timedelta(seconds=30)) == totp.step_of(start) + 1


def test_the_address_in_the_picture_is_read_by_apps():
    assert totp.address_of(b"Hello!\xde\xad\xbe\xef", issuer="农产品集市", account="ad min") == (
        "otpauth://totp/%E5%86%9C%E4%BA%A7%E5%93%81%E9%9B%86%E5%B8%82:ad%20min"
        "?secret=JBSWY3DPEHPK3PXP"
        "&issuer=%E5%86%9C%E4%BA%A7%E5%93%81%E9%9B%86%E5%B8%82&algorithm=SHA1&digits=6&period=30"
    )
