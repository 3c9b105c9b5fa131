"""The rules by themselves: what is allowed, looked at and refused."""

import pytest

from marketplace.abuse.domain import marks
from marketplace.abuse.domain.rules import Code, Limits, Outcome, Seen, Verdict, judge

ALLOW, REVIEW, REFUSE = Outcome.ALLOW, Outcome.REVIEW, Outcome.REFUSE


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (Seen(), Verdict()),
        (Seen(deeds_in_a_minute=29), Verdict()),
        (Seen(deeds_in_a_minute=30), Verdict(REFUSE, Code.TOO_FAST)),
        (Seen(others_on_device=2), Verdict()),
        (Seen(others_on_device=3), Verdict(REVIEW, Code.DEVICE)),
        (Seen(others_on_device=10), Verdict(REFUSE, Code.DEVICE)),
        (Seen(others_at_address=5), Verdict(REVIEW, Code.ADDRESS)),
        (Seen(others_at_address=20), Verdict(REFUSE, Code.ADDRESS)),
        (Seen(others_on_network=199), Verdict()),
        (Seen(others_on_network=10_000), Verdict(REVIEW, Code.NETWORK)),
        (Seen(buys_from_itself=True), Verdict(REVIEW, Code.OWN_SHOP)),
        (Seen(buys_from_itself=True, spends_coupons=True), Verdict(REFUSE, Code.OWN_SHOP)),
        (Seen(spends_coupons=True), Verdict()),
        (Seen(newcomers_here=1), Verdict()),
        (Seen(newcomers_here=1, is_as_newcomer=True), Verdict(REFUSE, Code.NOT_NEW)),
        (Seen(others_on_device=3, others_at_address=20), Verdict(REFUSE, Code.ADDRESS)),
    ],
)
def test_each_rule_has_its_bounds(seen, verdict):
    assert judge(seen, Limits()) == verdict


def test_a_factor_widens_every_limit():
    assert judge(Seen(others_on_device=10), Limits(factor=4)) == Verdict()
    assert judge(Seen(deeds_in_a_minute=30), Limits(factor=2)) == Verdict()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民路1号 2单元-301室", "人民路１号2单元301室"),
        ("Renmin Road 1, Apt. 301", "renmin road 1 apt 301"),
    ],
)
def test_addresses_that_differ_in_writing_only_are_one_place(one, other):
    assert marks.place_of("310101", one) == marks.place_of("310101", other)
    assert marks.place_of("310101", one) != marks.place_of("310104", one)
    assert marks.place_of("310101", " - ") == ""


def test_a_network_of_ipv6_is_its_first_half():
    assert marks.network_of("2001:db8::1") == marks.network_of("2001:db8::ffff")
    assert marks.network_of("2001:db8:0:1::1") != marks.network_of("2001:db8::1")
    assert (marks.network_of("192.0.2.1"), marks.network_of("nobody")) == ("192.0.2.1", "")
