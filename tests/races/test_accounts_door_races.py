"""Many at the console's door at once: no more tries than are counted, and each code once."""

from functools import partial

import pytest
from django.db import transaction

from core.accounts.domain import totp
from core.accounts.models import SecondFactor, User
from core.accounts.services import console, lockout, second_factor
from core.audit.actors import SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def guess_together(at_once, now, monkeypatch):
    """Return how many wrong passwords were looked at."""
    judged = []
    monkeypatch.setattr(console, "authenticate", lambda **said: judged.append(said))
    User.objects.create_superuser("liang", "right")
    guess = partial(console.sign_in, "liang", "wrong", "", remote_address="192.0.2.1", now=now)
    at_once(*[guess] * 8)
    return len(judged)


def use_together(at_once, now):
    person = User.objects.create_superuser("liang", "right")
    with transaction.atomic():
        second_factor.offer(person.pk, actor=SYSTEM, now=now)
    factor = SecondFactor.objects.get()
    SecondFactor.objects.filter(pk=factor.pk).update(state="ACTIVE", confirmed_at=now)
    code = totp.code_at(bytes.fromhex(factor.secret), totp.step_of(now))

    def use():
        with transaction.atomic():
            return second_factor.use(person.pk, code, now=now)

    return at_once(*[use] * 6)


def test_no_more_guesses_are_judged_than_are_counted(at_once, now, monkeypatch):
    assert guess_together(at_once, now, monkeypatch) == 5


def test_canary_without_the_guard_every_guess_is_judged(at_once, now, monkeypatch):
    monkeypatch.setattr(lockout, "_guard", lambda: "true")
    monkeypatch.setattr(lockout, "fail", lambda tried, *, now: None)

    assert guess_together(at_once, now, monkeypatch) == 8


def test_a_code_is_used_by_exactly_one(at_once, now):
    assert use_together(at_once, now).count(True) == 1


def test_canary_without_its_guard_a_code_is_used_by_many(at_once, now, monkeypatch):
    monkeypatch.setattr(
        second_factor, "_use_up", lambda factor, step: factor.update(last_step=step) == 1
    )

    assert use_together(at_once, now).count(True) > 1
