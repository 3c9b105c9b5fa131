"""The first page leads somebody who has just started the market to what there is to see."""

import re

import pytest
from django.db import OperationalError

from marketplace.config import front
from tests.factories.catalogue import a_product
from tests.factories.sections import a_section

pytestmark = pytest.mark.django_db


def words(client, path="/", language="zh-Hans"):
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_speaks_both_languages(client):
    chinese, english = words(client), words(client, language="en")

    assert "农产品集市" in chinese
    assert "Farm-produce marketplace" in english
    assert "农产品" not in english
    assert "Farm-produce" in words(client, "/?language=en")


def test_the_page_asks_nobody_outside(client):
    page = words(client)

    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page) == []
    assert "@import" not in page
    assert "url(" not in page


def test_open_sections_are_shown_in_one_statement(client, django_assert_num_queries):
    section = a_section("orchard")
    a_section("backroom", state="DRAFT")

    with django_assert_num_queries(1):
        page = words(client)

    assert f"/api/v1/sections/{section.slug}/products" in page
    assert "backroom" not in page


def test_what_the_page_links_to_exists(client):
    a_section("orchard")
    a_product()

    links = re.findall(r'href="(/[^"]*)"', words(client))

    assert len(links) > 8
    missing = [link for link in links if client.get(link, follow=True).status_code >= 400]
    assert missing == []


def test_demonstration_numbers_are_shown_only_with_the_sandbox(client, settings):
    assert "+8613900000003" in words(client)

    settings.MARKETPLACE_SANDBOX = False

    assert "+86139" not in words(client)


def test_the_page_opens_when_the_database_does_not_answer(client, monkeypatch):
    def fail(now):
        raise OperationalError

    monkeypatch.setattr(front.halls, "open_sections", fail)

    assert "农产品集市" in words(client)


def test_the_api_can_be_read_without_the_internet(client):
    page = words(client, "/api/docs/")

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    own = ("/static/", "/api/docs/?script=")
    assert [address for address in addresses if not address.startswith(own)] == []
    assert "/api/v1/schema" in words(client, "/api/docs/?script=")
    assert client.get("/api/v1/schema").status_code == 200
