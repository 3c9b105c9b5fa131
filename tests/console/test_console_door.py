"""Signing in to the console in a browser: the form, the second factor, the lock and its key."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from core.accounts.domain import totp
from core.accounts.domain.roles import Role
from core.accounts.models import SecondFactor, SignInCount, User
from core.audit.models import StateLog
from core.console import door
from tests.support import desk

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
DOOR = "/admin/login/?next=/admin/"
PAGE = "/admin/second-factor/"


@pytest.fixture
def person():
    return User.objects.create_superuser("liang", PASSWORD, name="梁")


def knock(browser, code="", password=PASSWORD, name="liang"):
    return browser.post(DOOR, {"username": name, "password": password, "code": code})


def code_at(minutes):
    """Return the code that the phone of the only factor shows so much later."""
    secret = bytes.fromhex(SecondFactor.objects.exclude(state="REMOVED").get().secret)
    return totp.code_at(secret, totp.step_of(timezone.now() + timedelta(minutes=minutes)))


def enrol(browser):
    """Set up a second factor in a browser; return the recovery codes that it is shown."""
    assert browser.post(PAGE, {"deed": "offer", "password": PASSWORD}).status_code == 302
    shown = browser.post(PAGE, {"deed": "confirm", "code": code_at(0)}).content.decode()
    return re.findall(r"<li><code>([^<]+)</code>", shown)


def entered(browser):
    return browser.get("/admin/").status_code == 200


@pytest.fixture
def seated(client, person):
    assert knock(client).url == "/admin/"
    return client


def test_a_password_opens_where_no_second_factor_is_required(seated):
    assert entered(seated)
    assert seated.session[door.SHOWN] is False


def test_what_was_wrong_is_not_told(client, person):
    pages = [
        knock(client, **wrong).content.decode()
        for wrong in ({"password": "wrong"}, {"name": "nobody"})
    ]

    for page in pages:
        assert "用户名、密码或动态验证码错误" in page
        assert PASSWORD not in page
    assert not entered(client)


def test_the_form_remembers_neither_password_nor_code(client, person):
    page = knock(client, code="123456", password="wrong password").content.decode()

    assert "wrong password" not in page
    assert 'autocomplete="one-time-code"' in page


def test_a_second_factor_is_set_up_with_a_picture_and_codes_on_paper(seated, person):
    seated.post(PAGE, {"deed": "offer", "password": PASSWORD})
    shown = seated.get(PAGE).content.decode()
    secret = SecondFactor.objects.get().secret

    assert "<svg" in shown
    assert totp.written(bytes.fromhex(secret)) in shown
    codes = enrol_again(seated)

    assert len(codes) == 10
    assert entered(seated)
    assert seated.session[door.SHOWN] is True
    assert totp.written(bytes.fromhex(secret)) not in seated.get(PAGE).content.decode()
    assert codes[0] not in seated.get(PAGE).content.decode()


def enrol_again(browser):
    shown = browser.post(PAGE, {"deed": "confirm", "code": code_at(0)}).content.decode()
    return re.findall(r"<li><code>([^<]+)</code>", shown)


def test_nothing_is_set_up_without_the_password(seated):
    page = seated.post(PAGE, {"deed": "offer", "password": "wrong"}).content.decode()

    assert "错误" in page
    assert not SecondFactor.objects.exists()


def test_the_next_sign_in_asks_for_a_code_and_takes_it_once(seated, person):
    enrol(seated)
    other = Client()

    assert knock(other).status_code == 200
    code = code_at(0.5)
    assert knock(other, code).url == "/admin/"
    assert entered(other)
    assert knock(Client(), code).status_code == 200


def test_browsers_elsewhere_must_sign_in_again_once_there_is_a_factor(seated, person):
    elsewhere = Client()
    knock(elsewhere)
    assert entered(elsewhere)

    enrol(seated)

    assert not entered(elsewhere)
    assert entered(seated)


def test_a_code_on_paper_opens(seated, person):
    codes = enrol(seated)

    assert knock(Client(), codes[3]).url == "/admin/"


def test_codes_on_paper_are_renewed_and_the_factor_removed_by_a_code(seated, person):
    old = enrol(seated)
    shown = seated.post(PAGE, {"deed": "renew", "code": old[0]}).content.decode()
    new = re.findall(r"<li><code>([^<]+)</code>", shown)

    assert not set(new) & set(old)
    assert seated.post(PAGE, {"deed": "remove", "code": old[1]}).status_code == 200
    assert seated.post(PAGE, {"deed": "remove", "code": new[0]}).status_code == 302
    assert entered(seated)
    assert knock(Client()).url == "/admin/"


def test_where_it_is_required_a_password_leads_only_to_setting_it_up(
    client, person, settings, market
):
    settings.MARKETPLACE_CONSOLE_SECOND_FACTOR = True
    knock(client)
    shut = [desk.listed(page) for page in desk.pages()]
    shut += [desk.one(market.waiting_shop), "/admin/", "/admin/search/", "/admin/password_change/"]

    for address in shut:
        for answer in (client.get(address), client.post(address, {})):
            assert (answer.status_code, answer.url) == (302, PAGE), address

    enrol(client)
    assert entered(client)
    assert "停用两步验证" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"deed": "remove", "code": code_at(0.5)}).status_code == 200
    assert SecondFactor.objects.get().state == "ACTIVE"


def test_every_address_of_the_console_is_shut_but_the_door(settings, person, client):
    settings.MARKETPLACE_CONSOLE_SECOND_FACTOR = True
    knock(client)
    names = {
        pattern.name
        for pattern in admin.site.get_urls()
        if getattr(pattern, "name", None) and "<" not in str(pattern.pattern)
    }

    open_ones = {
        name
        for name in names
        if client.get(reverse(f"admin:{name}")).headers.get("Location") != PAGE
    }

    assert open_ones == set(door.ALWAYS_OPEN)
    assert get_resolver().namespace_dict.keys() >= {"admin"}


def test_after_five_failures_the_door_says_how_it_opens_again(client, person):
    for _ in range(5):
        knock(client, password="wrong")

    page = knock(client).content.decode()

    assert "登录失败次数过多" in page
    assert not entered(client)


def test_a_superuser_unlocks_and_the_log_says_who(client, person):
    for _ in range(5):
        knock(client, password="wrong")
    boss = desk.superuser()
    count = SignInCount.objects.get(kind="ACCOUNT")

    desk.act(desk.seat(boss), "unlock", count, reason="本人来电")

    assert knock(client).url == "/admin/"
    step = StateLog.objects.get(subject="sign-in count", action="unlock")
    assert (step.actor, step.reason) == (boss, "本人来电")


def test_an_operator_sees_counts_and_unlocks_nothing(client, person):
    for _ in range(5):
        knock(client, password="wrong")
    count = SignInCount.objects.get(kind="ACCOUNT")
    operator = desk.seat(desk.staff(Role.OPERATOR))

    page = operator.get(desk.one(count)).content.decode()
    desk.act(operator, "unlock", count)

    assert "已锁定" in page
    assert 'value="unlock"' not in page
    count.refresh_from_db()
    assert count.state == "LOCKED"


def test_a_new_sign_in_takes_over_nothing_of_an_old_one(seated, person):
    other = User.objects.create_superuser("wang", PASSWORD)
    before = seated.session.session_key
    enrol(seated)

    knock(seated, name="wang")

    assert int(seated.session["_auth_user_id"]) == other.pk
    assert seated.session[door.SHOWN] is False
    assert seated.session.session_key != before
