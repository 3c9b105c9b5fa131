"""An address is what we saw ourselves, never what the caller says of it."""

from types import SimpleNamespace

import pytest

from core.http.callers import address_of, caller_of


def call(forwarded=None, user=None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return SimpleNamespace(headers=headers, META={"REMOTE_ADDR": "10.0.0.1"}, user=user)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "10.0.0.1"),
        ("", "10.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("1.2.3.4, 203.0.113.7", "203.0.113.7"),
    ],
)
def test_behind_our_proxy_the_address_it_saw_counts(settings, forwarded, address):
    settings.BEHIND_TLS = True

    assert address_of(call(forwarded)) == address


def test_without_a_proxy_nobody_chooses_an_address(settings):
    settings.BEHIND_TLS = False

    assert address_of(call("1.2.3.4")) == "10.0.0.1"
    assert caller_of(call("1.2.3.4")) == "address:10.0.0.1"


def test_a_person_is_counted_wherever_they_are():
    assert caller_of(call(user=SimpleNamespace(pk=7))) == "user:7"
