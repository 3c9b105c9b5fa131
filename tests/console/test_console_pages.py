"""Every page of the console answers, in both languages, with as many statements for many rows."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from core.accounts.domain.roles import Role
from tests.support import desk

pytestmark = pytest.mark.django_db

PAGES = desk.pages()
NAMES = [page.opts.label for page in PAGES]
COUNTED = re.compile(r"_fen|fen\b|\bbp\b|_bp\b")


def rows_of(page, person):
    request = type("Request", (), {"user": person})()
    return list(page.get_queryset(request))


@pytest.fixture(autouse=True)
def _forget():
    desk.forget()


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_page_answers_with_its_rows_and_never_with_fen(market, language):
    person = desk.superuser()
    browser = desk.seat(person, language)

    for page in PAGES:
        rows = rows_of(page, person)
        assert rows, page
        addresses = [desk.listed(page), *(desk.one(row) for row in rows[:3])]
        if page.deed("add"):
            addresses.append(f"{desk.listed(page)}add/")
        for deed in page.deeds:
            if deed.name != "add" and deed.fits(rows[0]):
                addresses.append(desk.one(rows[0]).replace("change/", f"do/{deed.name}/"))
        for address in addresses:
            answer = browser.get(address)
            shown = answer.content.decode()
            assert answer.status_code == 200, address
            assert not COUNTED.findall(shown), address


def test_pages_speak_chinese_unless_english_is_asked_for(market):
    person = desk.superuser()

    chinese = desk.seat(person).get(desk.one(market.waiting_shop)).content.decode()
    english = desk.seat(person, "en").get(desk.one(market.waiting_shop)).content.decode()

    assert "待审核店铺" not in english
    assert "驳回" in chinese
    assert "Send back" in english
    assert 'lang="zh-hans"' in chinese


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_list_costs_as_much_with_many_rows_as_with_few(page, market, queries_of, boss):
    address = desk.listed(page)
    boss.get(address)
    desk.forget()
    few = queries_of(lambda: boss.get(address))

    desk.more(market)
    desk.forget()

    assert queries_of(lambda: boss.get(address)) == few <= 12


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_what_is_not_there_is_not_found(page, boss):
    absent = desk.listed(page) + "999999999/"

    assert boss.get(f"{absent}change/").status_code == 404
    assert boss.get(f"{absent}do/nothing/").status_code == 404
    assert boss.get(f"{absent}history/").status_code == 404


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_nothing_is_changed_or_deleted_past_the_services(page, market):
    person = desk.superuser()
    browser = desk.seat(person)
    row = rows_of(page, person)[0]

    assert browser.post(desk.one(row), {"state": "OPEN"}).status_code == 403
    assert browser.post(desk.one(row).replace("change/", "delete/")).status_code == 403
    assert "delete_selected" not in browser.get(desk.listed(page)).content.decode()
    assert page.model.objects.filter(pk=row.pk).exists()


def test_groups_of_the_framework_have_no_page():
    assert [page for page in admin.site._registry if page._meta.app_label == "auth"] == []


def test_who_may_not_enter_is_sent_to_the_door(client, market):
    person = desk.staff(Role.REVIEWER)
    type(person).objects.filter(pk=person.pk).update(is_staff=False)
    browser = desk.seat(type(person).objects.get(pk=person.pk))

    for visitor in (client, browser):
        for address in (reverse("admin:index"), desk.one(market.waiting_shop)):
            answer = visitor.get(address)
            assert answer.status_code == 302
            assert answer.url.startswith("/admin/login/")


def test_a_search_that_makes_no_sense_finds_nothing(boss, market):
    for page in PAGES:
        for typed in ("%", "\\", "' OR 1=1", "９" * 50, "a b c 1"):
            assert boss.get(desk.listed(page), {"q": typed}).status_code == 200
        for query in ({"state": "NEVER"}, {"days": "x"}, {"p": "99"}, {"o": "-1.2.3.99"}):
            assert boss.get(desk.listed(page), query, follow=True).status_code == 200


def test_everything_a_page_asks_for_comes_from_here(boss, market):
    links = re.compile(r"""(?:src|href|action)=["']([^"']+)["']""")

    for page in PAGES:
        shown = boss.get(desk.listed(page)).content.decode()
        outside = [link for link in links.findall(shown) if re.match(r"(?:https?:)?//", link)]
        assert outside == [], page
