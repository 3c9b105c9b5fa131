"""The console's door: a password, a second factor whose codes work once, a lock that counts."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.accounts.domain import totp
from core.accounts.models import RecoveryCode, SecondFactor, SignInCount, User
from core.accounts.services import console, lockout, second_factor
from core.audit.actors import Actor
from core.audit.models import StateLog
from core.transactions import entry
from tests.factories.accounts import a_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
HERE = "203.0.113.7"


@pytest.fixture
def person():
    return User.objects.create_superuser("liang", PASSWORD)


def enter(now, name="liang", password=PASSWORD, code="", address=HERE):
    return console.sign_in(name, password, code, remote_address=address, now=now)


def secret_of(person):
    return bytes.fromhex(SecondFactor.objects.exclude(state="REMOVED").get(user=person).secret)


def code_of(person, at):
    return totp.code_at(secret_of(person), totp.step_of(at))


def enrol(person, now):
    """Give somebody a second factor; return the recovery codes."""
    actor = Actor(person.pk)
    with transaction.atomic():
        second_factor.offer(person.pk, actor=actor, now=now)
        return second_factor.confirm(person.pk, code_of(person, now), actor=actor, now=now)


def fail(times, now, **said):
    for _ in range(times):
        with pytest.raises(console.SignInRefused):
            enter(now, **{"password": "wrong", **said})


def test_a_password_is_enough_where_there_is_no_second_factor(person, now):
    entered = enter(now)

    assert (entered.user, entered.has_shown_second_factor) == (person, False)


def test_who_does_not_work_here_is_refused_like_a_wrong_password(person, now):
    User.objects.filter(pk=person.pk).update(is_staff=False)

    with pytest.raises(console.SignInRefused):
        enter(now)


def test_with_a_second_factor_its_code_is_needed(person, now):
    enrol(person, now)
    later = now + timedelta(minutes=1)

    for code in ("", "000000", "12"):
        with pytest.raises(console.SignInRefused):
            enter(later, code=code)

    assert enter(later, code=code_of(person, later)).has_shown_second_factor


def test_a_code_is_written_with_a_blank_by_some_apps(person, now):
    enrol(person, now)
    later = now + timedelta(minutes=1)
    code = code_of(person, later)

    assert enter(later, code=f"{code[:3]} {code[3:]}")


def test_a_code_works_once_and_none_before_it(person, now):
    enrol(person, now)
    later = now + timedelta(minutes=2)
    earlier_code = code_of(person, later - timedelta(seconds=30))
    enter(later, code=code_of(person, later))

    for code in (code_of(person, later), earlier_code):
        with pytest.raises(console.SignInRefused):
            enter(later, code=code)


def test_the_code_that_confirmed_a_factor_does_not_sign_in(person, now):
    enrol(person, now)

    with pytest.raises(console.SignInRefused):
        enter(now, code=code_of(person, now))


def test_a_code_on_paper_works_once(person, now):
    codes = enrol(person, now)

    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert enter(now, code=codes[0].lower()).has_shown_second_factor
    assert enter(now, code=codes[1].replace("-", "")).has_shown_second_factor
    with pytest.raises(console.SignInRefused):
        enter(now, code=codes[0])
    assert second_factor.standing_of(person.pk).recovery_codes_left == len(codes) - 2


def test_new_codes_on_paper_replace_the_old_ones(person, now):
    (old, *_) = enrol(person, now)
    with transaction.atomic():
        (new, *_) = second_factor.renew_recovery_codes(person.pk)

    with pytest.raises(console.SignInRefused):
        enter(now, code=old)
    assert enter(now, code=new)


def test_the_database_keeps_neither_secret_nor_codes(person, now):
    codes = enrol(person, now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        (sealed,) = cursor.fetchone()
    digests = "".join(RecoveryCode.objects.values_list("digest", flat=True))

    assert secret_of(person).hex() not in sealed
    assert not any(code.replace("-", "") in digests for code in codes)


def test_a_wrong_code_confirms_nothing(person, now):
    with transaction.atomic():
        second_factor.offer(person.pk, actor=Actor(person.pk), now=now)

    with pytest.raises(second_factor.FactorCodeWrong), transaction.atomic():
        second_factor.confirm(person.pk, "000000", actor=Actor(person.pk), now=now)

    assert not second_factor.is_active(person.pk)
    assert enter(now)


def test_a_second_factor_in_force_is_not_replaced_by_a_new_offer(person, now):
    enrol(person, now)
    before = secret_of(person)

    with transaction.atomic():
        second_factor.offer(person.pk, actor=Actor(person.pk), now=now)

    assert secret_of(person) == before


def test_whoever_is_signed_in_must_sign_in_again_when_the_factor_changes(person, now):
    before = person.get_session_auth_hash()
    enrol(person, now)
    person.refresh_from_db()
    between = person.get_session_auth_hash()

    with transaction.atomic():
        assert second_factor.remove(person.pk, actor=Actor(person.pk), now=now, reason="lost")
    person.refresh_from_db()

    assert len({before, between, person.get_session_auth_hash()}) == 3
    assert enter(now).has_shown_second_factor is False


def test_the_life_of_a_factor_is_in_the_log(person, now):
    enrol(person, now)
    with transaction.atomic():
        second_factor.remove(person.pk, actor=Actor(person.pk), now=now, reason="lost")

    log = StateLog.objects.filter(subject="second factor").order_by("id")

    assert [(step.action, step.actor_id) for step in log] == [
        ("create", person.pk),
        ("confirm", person.pk),
        ("remove", person.pk),
    ]


def test_five_failures_shut_the_door_for_an_account(person, now):
    fail(5, now)

    with pytest.raises(lockout.DoorLocked) as refused:
        enter(now + timedelta(minutes=5))

    assert refused.value.facts["retry_after_s"] == 600
    assert enter(now + lockout.LOCKED_FOR)


def test_wrong_codes_of_the_second_factor_count(person, now):
    enrol(person, now)
    fail(5, now, password=PASSWORD, code="000000")

    with pytest.raises(lockout.DoorLocked):
        enter(now, code=code_of(person, now + timedelta(seconds=30)))


def test_a_name_that_nobody_has_is_shut_alike(now):
    fail(5, now, name="nobody")

    with pytest.raises(lockout.DoorLocked):
        enter(now, name="Nobody ")

    assert "nobody" not in str(SignInCount.objects.values())


def test_an_address_is_shut_whatever_names_it_tries(person, now):
    for number in range(20):
        fail(1, now, name=f"name {number}")

    with pytest.raises(lockout.DoorLocked):
        enter(now)

    assert enter(now, address="198.51.100.9")
    assert not SignInCount.objects.filter(kind="ACCOUNT", user=person, failures__gt=0).exists()


def test_neighbours_in_a_network_of_ipv6_are_one_address(person, now):
    for number in range(20):
        fail(1, now, name=f"name {number}", address=f"2001:db8:1:2::{number + 1}")

    with pytest.raises(lockout.DoorLocked):
        enter(now, address="2001:db8:1:2:ffff::1")


def test_a_success_forgets_the_failures_of_the_account_but_not_of_the_address(person, now):
    fail(4, now)
    enter(now)
    fail(4, now)

    assert enter(now)
    assert SignInCount.objects.get(kind="ADDRESS").failures == 8


def test_failures_long_ago_do_not_count(person, now):
    fail(4, now)
    fail(4, now + lockout.WINDOW)

    assert enter(now + lockout.WINDOW)


def test_an_unlock_opens_the_door_and_is_written_down(person, now):
    boss = a_user()
    fail(5, now)
    (shut,) = SignInCount.objects.filter(state="LOCKED").values_list("pk", flat=True)

    done = entry(lockout.unlock)([shut], actor=Actor(boss.pk), now=now, reason="called me")

    assert done == [shut]
    assert enter(now)
    steps = StateLog.objects.filter(subject="sign-in count").order_by("id")
    assert [(step.action, step.actor_id, step.reason) for step in steps] == [
        ("lock", None, "failed sign-ins"),
        ("unlock", boss.pk, "called me"),
    ]


def test_old_counts_are_forgotten(person, now):
    fail(1, now)

    assert lockout.forget_counts(now=now + timedelta(days=89)) == 0
    assert lockout.forget_counts(now=now + timedelta(days=91), limit=1) == 1


def test_an_open_console_asks_again_who_sits_there(person, now):
    console.confirm_oneself(person, password=PASSWORD, remote_address=HERE, now=now)
    for _ in range(5):
        with pytest.raises(console.SignInRefused):
            console.confirm_oneself(person, password="wrong", remote_address=HERE, now=now)

    with pytest.raises(lockout.DoorLocked):
        console.confirm_oneself(person, password=PASSWORD, remote_address=HERE, now=now)


def test_whoever_holds_the_server_can_let_a_superuser_in_again(person, now, capsys):
    enrol(person, now)
    fail(5, now)
    capsys.readouterr()

    call_command("unlock_console", "liang", "--remove-second-factor")

    assert capsys.readouterr().out.splitlines() == ["Unlocked.", "Second factor removed."]
    assert enter(now)
    with pytest.raises(CommandError):
        call_command("unlock_console", "nobody")
