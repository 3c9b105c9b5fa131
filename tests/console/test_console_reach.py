"""Everybody sees what their role and their region let them see, and nothing else."""

import pytest
from django.urls import reverse

from core.accounts.domain.roles import Role
from core.accounts.services import granting
from core.console.tools import TOOLS
from core.transactions import entry
from tests.factories import catalogue, sections, storefronts
from tests.support import desk

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")


@pytest.fixture
def shops():
    """A shop in Zigui and one in Guizhou, each with a product."""
    near = storefronts.open_shop(region="420527", name="秭归果园")
    far = storefronts.open_shop(region="520102", name="贵州茶园")
    return near, far, catalogue.a_product(near), catalogue.a_product(far, origin="520102")


def test_a_reviewer_sees_only_the_shops_and_goods_of_their_region(shops):
    near, far, orange, tea = shops
    browser = desk.seat(desk.staff(Role.REVIEWER, "420000"))

    listed = browser.get(reverse("admin:storefronts_shop_changelist")).content.decode()
    assert "秭归果园" in listed
    assert "贵州茶园" not in listed
    for mine, other in ((near, far), (orange, tea)):
        assert browser.get(desk.one(mine)).status_code == 200
        assert browser.get(desk.one(other)).status_code == 404


def test_a_reviewer_cannot_act_outside_their_region(shops):
    near, far, _, tea = shops
    browser = desk.seat(desk.staff(Role.REVIEWER, "420000"))

    desk.act(browser, "suspend", near, reason="抽检")
    desk.act(browser, "suspend", far, reason="抽检")
    desk.act(browser, "withdraw", tea, reason="抽检")

    for row in (near, far, tea):
        row.refresh_from_db()
    assert (near.state, far.state, tea.state) == ("SUSPENDED", "OPEN", "PUBLISHED")


def test_papers_of_another_region_do_not_open(shops):
    browser = desk.seat(desk.staff(Role.REVIEWER, "420000"))

    def paper(shop):
        held = shop.licences.filter(upload__isnull=False).order_by("id").first()
        return browser.get(reverse("admin:storefronts_shop_paper", args=[shop.pk, held.reference]))

    opened = paper(shops[0])
    assert opened.status_code == 302
    assert opened.url.startswith("/api/v1/media/private/")
    assert paper(shops[1]).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_own_pages_and_no_other(role, market):
    browser = desk.seat(desk.staff(role))

    for page in desk.pages():
        expected = 200 if role in page.roles else 403
        assert browser.get(desk.listed(page)).status_code == expected, page
        if page.deed("add"):
            may_add = 200 if role in (page.doers or page.roles) else 403
            assert browser.get(f"{desk.listed(page)}add/").status_code == may_add
    sidebar = browser.get(INDEX).context["sidebar_navigation"]
    shown = {item["link"] for group in sidebar for item in group["items"]} - {INDEX}
    tools = {reverse(f"admin:tool_{tool.name}") for tool in TOOLS if role in tool.roles}
    assert shown - tools == {desk.listed(page) for page in desk.pages() if role in page.roles}
    assert tools <= shown


def test_a_role_that_ended_opens_nothing(now, market):
    person = desk.staff(Role.OPERATOR)
    browser = desk.seat(person)
    address = reverse("admin:placement_order_changelist")
    assert browser.get(address).status_code == 200

    entry(granting.end_role)(person.pk, Role.OPERATOR, now=now)

    assert browser.get(address).status_code == 403


def test_a_section_manager_runs_only_sections_of_their_region():
    near = sections.a_section(regions=["420000"])
    far = sections.a_section(regions=["520000"])
    browser = desk.seat(desk.staff(Role.SECTION_MANAGER, "420000"))

    assert browser.get(desk.one(near)).status_code == 200
    assert browser.get(desk.one(far)).status_code == 404
    said = {"name": "贵州", "slug": "guizhou", "position": "5", "regions": "贵州省"}
    said["kind"] = "PLAIN"
    answer = browser.post(reverse("admin:sections_section_add"), said)
    assert list(desk.errors_of(answer)) == ["regions"]


def test_people_are_shown_without_their_phones(boss, market):
    phone = market.buyer.phone.removeprefix("+86")
    shown = boss.get(desk.one(market.buyer)).content.decode()
    found = boss.get(reverse("admin:accounts_user_changelist"), {"q": phone})

    assert phone not in shown
    assert f"{phone[:3]}****{phone[-4:]}" in shown
    assert list(found.context["cl"].result_list) == [market.buyer]


def test_recipients_are_shown_without_name_phone_and_street(boss, market):
    for row in (market.paid, market.parcel):
        shown = boss.get(desk.one(row)).content.decode()

        assert "王****" in shown
        assert "138****5678" in shown
        for secret in ("王小明", "13812345678", "人民路"):
            assert secret not in shown


def test_the_first_page_shows_each_what_they_look_after(market):
    def cards(person):
        shown = desk.seat(person, "en").get(INDEX)
        return {card.title for card in shown.context["cards"]}

    assert cards(desk.staff(Role.REVIEWER, "420000")) == {"Shops waiting for review"}
    assert cards(desk.staff(Role.REPORTS)) == {"Orders today", "Paid today"}
    assert "Parked deliveries" in cards(desk.staff(Role.OPERATOR))
    assert len(cards(desk.superuser())) == 9


def test_somebody_without_a_role_sees_an_empty_console(market):
    person = desk.staff(Role.REVIEWER)
    person.role_memberships.all().delete()
    browser = desk.seat(person)

    answer = browser.get(INDEX)
    assert answer.status_code == 200
    assert list(answer.context["cards"]) == []
    assert answer.context["panels"] == []
