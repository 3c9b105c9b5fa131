"""Two at once: a code signs in one of them, a refresh token gives tokens to one of them."""

from functools import partial

import pytest
from django.db import transaction
from django.db.models import QuerySet

from core.accounts.models import PhoneCode, Session, Token, User
from core.accounts.services import codes, people, sessions, signing_in
from tests.factories.accounts import a_phone, a_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def sign_in_together(at_once, now):
    phone = a_phone()
    code = codes.request_code(phone, remote_address="192.0.2.1", now=now).sandbox_code
    return at_once(
        *[partial(signing_in.open_session, phone, code, remote_address="192.0.2.1", now=now)] * 6
    )


def refresh_together(at_once, now):
    with transaction.atomic():
        tokens = sessions.open_for(a_user(), now=now)
    return at_once(*[partial(sessions.refresh, tokens.refresh, now=now)] * 6)


def test_a_code_signs_in_exactly_one_of_many(at_once, now):
    outcomes = sign_in_together(at_once, now)

    assert kinds(outcomes) == ["CodeWrong"] * 5 + ["Tokens"]
    assert Session.objects.count() == 1


def test_canary_a_code_without_its_guard_signs_in_many(at_once, now, monkeypatch):
    monkeypatch.setattr(
        codes, "_open", lambda phone_index, now: PhoneCode.objects.filter(phone_index=phone_index)
    )

    assert kinds(sign_in_together(at_once, now)).count("Tokens") > 1


def test_a_refresh_token_works_once_and_its_second_use_ends_the_session(at_once, now):
    outcomes = refresh_together(at_once, now)

    assert kinds(outcomes).count("Tokens") <= 1
    assert kinds(outcomes).count("RefreshRefused") >= 5
    assert Session.objects.get().ending == "REUSED"


def test_canary_a_refresh_token_without_its_guard_works_many_times(at_once, now, monkeypatch):
    def unguarded(usable: QuerySet[Token], now) -> bool:
        return usable.update(used_at=now) == 1

    monkeypatch.setattr(sessions, "_use_up", unguarded)

    assert kinds(refresh_together(at_once, now)).count("Tokens") > 1


def test_two_first_sign_ins_are_one_user(at_once, now):
    phone = a_phone()

    def register():
        with transaction.atomic():
            return people.register(phone, now).pk

    outcomes = at_once(*[register] * 6)

    assert len(set(outcomes)) == 1
    assert User.objects.count() == 1
