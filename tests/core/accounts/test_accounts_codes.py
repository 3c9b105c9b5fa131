"""Codes: counted for phones, addresses, networks and the whole market; used once."""

from datetime import timedelta

import pytest

from core.accounts import phones
from core.accounts.models import CodeDay, PhoneCode, Session, User
from core.accounts.providers.sms import SmsUnavailable
from core.accounts.services import codes, forgetting, signing_in
from core.http import limits
from core.http.refusals import TooMany
from tests.factories.accounts import a_phone, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1
    _forget_limits()
    yield
    _forget_limits()


def _forget_limits():
    client = limits._counter().client
    for key in client.scan_iter("limit:codes.*"):
        client.delete(key)


def send(phone, now, address="203.0.113.7"):
    return codes.request_code(phone, remote_address=address, now=now).sandbox_code


def sign_in(phone, code, now, address="203.0.113.7"):
    return signing_in.open_session(phone, code, remote_address=address, now=now)


def test_a_code_signs_in_once(now):
    phone = a_phone()
    code = send(phone, now)

    tokens = sign_in(phone, code, now=now)

    assert tokens.user.phone == phone
    with pytest.raises(codes.CodeWrong):
        sign_in(phone, code, now=now)
    assert Session.objects.filter(user=tokens.user).count() == 1


def test_a_known_and_an_unknown_phone_cost_and_answer_the_same(now, queries_of):
    known, unknown = a_user().phone, a_phone()

    answers = [
        set(vars_of(codes.request_code(phone, remote_address="203.0.113.7", now=now)))
        for phone in (known, unknown)
    ]
    costs = [queries_of(lambda phone=phone: send(phone, now)) for phone in (known, unknown)]

    assert answers[0] == answers[1]
    assert costs[0] == costs[1] == 3  # The lock timeout, the phone's row, the day's row.
    assert not User.objects.filter(phone_index=phones.index_of(unknown)).exists()


def vars_of(sent):
    return [sent.expires_in_s, len(sent.sandbox_code)]


def test_a_phone_gets_five_codes_an_hour_from_one_network(now):
    phone = a_phone()
    for host in range(codes.FROM_ONE_PLACE.burst):
        send(phone, now, address=f"203.0.113.{host}")

    with pytest.raises(TooMany):
        send(phone, now, address="203.0.113.250")

    assert send(phone, now, address="198.51.100.9")


def test_a_phone_gets_twenty_codes_an_hour_wherever_they_are_asked_for(now):
    phone = a_phone()
    for number in range(codes.PER_PHONE):
        send(phone, now, address=f"198.51.{number}.1")

    with pytest.raises(TooMany) as refused:
        send(phone, now + timedelta(minutes=40), address="203.0.113.7")

    assert refused.value.facts["retry_after_s"] == 20 * 60
    assert send(phone, now + timedelta(hours=1))


def test_nobody_closes_every_code_of_a_phone_from_elsewhere(now):
    phone = a_phone()
    for _ in range(codes.TRIES_FROM_ONE_PLACE.burst):
        with pytest.raises(codes.CodeWrong):
            sign_in(phone, "wrong", now, address="192.0.2.1")
    code = send(phone, now)

    with pytest.raises(TooMany):
        sign_in(phone, "wrong", now, address="192.0.2.2")

    assert sign_in(phone, code, now)


def test_an_address_is_counted_whatever_phones_it_asks_for(now):
    for _ in range(codes.PER_ADDRESS.burst):
        send(a_phone(), now)

    with pytest.raises(TooMany):
        send(a_phone(), now)

    assert send(a_phone(), now, address="198.51.100.9")


def test_a_network_is_counted_whatever_addresses_it_uses(now, monkeypatch):
    monkeypatch.setattr(codes, "PER_NETWORK", limits.Limit("codes.network", 3, per_s=3600))
    for host in range(3):
        send(a_phone(), now, address=f"2001:db8:1:2::{host + 1}")

    with pytest.raises(TooMany):
        send(a_phone(), now, address="2001:db8:1:2:ffff::1")

    assert send(a_phone(), now, address="2001:db8:1:3::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_a_network_is_what_one_person_can_change_at_will(address, network):
    assert codes.network_of(address) == network


def test_the_whole_market_sends_so_many_codes_a_day(now, settings):
    settings.MARKETPLACE_CODES_PER_DAY = 2
    for _ in range(2):
        send(a_phone(), now)
    late = a_phone()

    with pytest.raises(TooMany) as refused:
        send(late, now)

    assert refused.value.facts["retry_after_s"] == 12 * 3600  # It is noon in China.
    assert CodeDay.objects.get().sent == 2
    assert not PhoneCode.objects.filter(phone_index=phones.index_of(late)).exists()
    assert send(late, now + timedelta(days=1))


def test_five_wrong_guesses_close_a_code(now):
    phone = a_phone()
    code = send(phone, now)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(codes.ATTEMPTS_MAX):
        with pytest.raises(codes.CodeWrong):
            sign_in(phone, wrong, now=now)

    with pytest.raises(codes.CodeWrong):
        sign_in(phone, code, now=now)

    assert not User.objects.filter(phone_index=phones.index_of(phone)).exists()


def test_a_code_runs_out(now):
    phone = a_phone()
    code = send(phone, now)

    with pytest.raises(codes.CodeWrong):
        sign_in(phone, code, now=now + codes.LIFETIME)


def test_a_new_code_replaces_the_old_one(now):
    phone = a_phone()
    old = send(phone, now)
    new = send(phone, now)
    if old != new:
        with pytest.raises(codes.CodeWrong):
            sign_in(phone, old, now=now)

    assert sign_in(phone, new, now=now)


def test_the_database_keeps_no_code(now):
    phone = a_phone()
    code = send(phone, now)

    row = PhoneCode.objects.get(phone_index=phones.index_of(phone))

    assert code not in row.digest
    assert len(row.digest) == 64


def test_without_the_sandbox_no_code_is_shown_or_promised(now, settings):
    settings.MARKETPLACE_SANDBOX = False

    with pytest.raises(SmsUnavailable):
        send(a_phone(), now)

    assert not PhoneCode.objects.exists()


def test_a_closed_account_does_not_sign_in(now):
    user = a_user()
    User.objects.filter(pk=user.pk).update(is_active=False)
    code = send(user.phone, now)

    with pytest.raises(signing_in.AccountClosed):
        sign_in(user.phone, code, now=now)


def test_old_codes_are_forgotten_a_bounded_number_at_a_time(now):
    for _ in range(3):
        send(a_phone(), now - timedelta(days=2))
    send(a_phone(), now)

    assert forgetting.forget_codes(now=now, limit=2) == 2
    assert forgetting.forget_codes(now=now, limit=2) == 1
    assert PhoneCode.objects.count() == 1
