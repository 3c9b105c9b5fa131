"""A log never tells a phone, an address, a code or a token."""

import json
import logging

import pytest
import structlog

from core.http import logs


@pytest.fixture
def lines(capsys):
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "+8613900000003"),
        ("note", "call 13900000003 now"),
        ("note", "call 139 0000 0003 now"),
        ("note", 13900000003),
        ("recipient", "张三"),
        ("street", "文昌路 5 号"),
        ("address", "宜昌市秭归县"),
        ("access_token", "abc"),
        ("refresh", "abc"),
        ("header", "Authorization: Bearer abcdef"),
        ("code", "483920"),
        ("detail", "wrong code=483920"),
        ("identity", "42052719800101123X"),
        ("found", {"user": {"phone": "+8613900000003"}}),
        ("found", [("x", "+8613900000003")]),
        ("opaque", "Zk3" + "a9-_B" * 10),
    ],
)
def test_what_is_private_is_covered(lines, name, value):
    structlog.get_logger("tests").warning("seen", **{name: value})

    (line,) = lines()
    written = json.dumps(line, ensure_ascii=False)
    assert "***" in written
    for secret in (
        "3900000003",
        "0000 0003",
        "张三",
        "文昌路",
        "秭归",
        "abc",
        "483920",
        "1980",
        "a9-_",
    ):
        assert secret not in written


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "COUPON_SOLD_OUT"),
        ("order", "5d2f1f6e-93f5-4a3f-9c65-0a4c0d3c6f11"),
        ("request_id", "0123456789abcdef0123456789abcdef"),
        ("at", "2026-11-11T04:00:00+00:00"),
        ("payable_fen", 123_456),
        ("module", "orders.placement.services.placement_of_everything_in_one_go"),
    ],
)
def test_what_helps_to_find_a_fault_is_kept(lines, name, value):
    structlog.get_logger("tests").warning("seen", **{name: value})

    (line,) = lines()
    assert line[name] == value


def test_what_is_bound_travels_on_every_line_of_both_kinds_of_logger(lines):
    with structlog.contextvars.bound_contextvars():
        logs.bind(order_number="A7K2-9", task="orders.plan")
        structlog.get_logger("tests").info("structured")
        logging.getLogger("tests").warning("of the %s library", "standard")

    structured, standard = lines()
    structlog.contextvars.clear_contextvars()
    assert structured["order_number"] == standard["order_number"] == "A7K2-9"
    assert standard["event"] == "of the standard library"
    assert (standard["level"], standard["logger"]) == ("warning", "tests")


def test_a_traceback_is_written_on_one_line_and_covered_too(lines):
    try:
        int("13900000003 is taken")
    except ValueError:
        logging.getLogger("tests").exception("failed")

    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "13900000003" not in line["exception"]
