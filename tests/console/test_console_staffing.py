"""The platform's own people are let in with a password, roles and a region, and with no less."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.accounts.selectors import roles

pytestmark = pytest.mark.django_db

STRONG = "丰收-cucumber-7731-lamp"


def admit(monkeypatch, *arguments, password=STRONG):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("admit_staff", *arguments)


def test_somebody_is_let_in_for_a_region_and_enters(monkeypatch):
    admit(monkeypatch, "zhang", "--role", "REVIEWER", "--region", "420000")

    person = User.objects.get(username="zhang")
    assert roles.region_scope(person.pk, Role.REVIEWER) == ["420000"]
    browser = Client()
    assert browser.login(username="zhang", password=STRONG)
    assert browser.get(reverse("admin:storefronts_shop_changelist")).status_code == 200
    assert browser.get(reverse("admin:placement_order_changelist")).status_code == 403


def test_a_second_time_adds_roles_and_changes_the_password(monkeypatch):
    admit(monkeypatch, "zhang", "--role", "REVIEWER", "--region", "420000")
    other = STRONG[::-1]

    admit(monkeypatch, "zhang", "--role", "OPERATOR", "--role", "REPORTS", password=other)

    person = User.objects.get(username="zhang")
    assert roles.held_by(person.pk) == ["OPERATOR", "REPORTS", "REVIEWER"]
    assert person.check_password(other)
    assert not person.check_password(STRONG)


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (("zhang", "--role", "REVIEWER"), "12345678"),
        (("zhang", "--role", "REVIEWER"), ""),
        (("zhang", "--role", "REVIEWER", "--region", "999999"), STRONG),
    ],
)
def test_weak_passwords_and_regions_that_are_none_are_refused(monkeypatch, arguments, password):
    with pytest.raises(CommandError):
        admit(monkeypatch, *arguments, password=password)

    assert not User.objects.filter(username="zhang").exists()
