"""Co-branded sections: goods are shown once the partner and the platform have both said yes."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.accounts.services import granting
from core.audit.actors import SYSTEM
from marketplace.sections.domain.reviewing import ITEM, ItemState
from marketplace.sections.models import Section, SectionItem, SectionMember
from marketplace.sections.services import items, pins
from tests.factories.accounts import a_partner, a_phone, a_staff, a_user, bearer
from tests.factories.catalogue import a_product
from tests.factories.sections import a_co_branded_section, a_section, an_item, approved
from tests.factories.storefronts import open_shop
from tests.support import desk
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
JSON = "application/json"
BUREAU, OTHER = "湖北省农业农村厅", "湖南省农业农村厅"


@pytest.fixture
def section():
    return a_co_branded_section(BUREAU, regions=["420000"])


@pytest.fixture
def product():
    return a_product(origin="420527")


def _shown(client, section):
    page = client.get(f"/api/v1/sections/{section.slug}/products").json()
    return [card["id"] for card in page["results"]]


def _decide(client, who, side, item, decision="APPROVE", reason=""):
    slug = item.section.slug
    return client.post(
        f"/api/v1/{side}/sections/{slug}/items/{item.reference}/decisions",
        {"decision": decision, "reason": reason},
        JSON,
        **bearer(who),
    )


def test_it_takes_both_sides_and_the_steps_say_who_and_when(client, section, product, now):
    farmer, bureau = product.shop.members.get().user, a_partner(section)
    manager = a_staff(Role.SECTION_MANAGER, region="420000")
    body = {"section": section.slug}
    address = f"/api/v1/seller/products/{product.reference}/section-items"
    proposed = client.post(address, body, JSON, **bearer(farmer))
    deliver_all(now)
    item = SectionItem.objects.get()
    seen = [_shown(client, section)]

    first = _decide(client, bureau, "partner", item)
    seen.append(_shown(client, section))
    second = _decide(client, manager, "staff", item, reason="合格")
    seen.append(_shown(client, section))

    assert (proposed.status_code, proposed.json()["state"]) == (201, "PROPOSED")
    assert (first.json()["state"], second.json()["state"]) == ("PARTNER_APPROVED", "APPROVED")
    assert seen == [[], [], [str(product.reference)]]
    assert [(step["action"], step["by"]) for step in second.json()["steps"]] == [
        ("create", str(farmer.reference)),
        ("partner_approve", str(bureau.reference)),
        ("platform_approve", str(manager.reference)),
    ]
    assert all(step["at"] for step in second.json()["steps"])
    listed = client.get(address, **bearer(farmer)).json()["results"]
    assert [(one["partner_approved"], one["platform_approved"]) for one in listed] == [(True, True)]


def test_either_side_takes_an_item_out_at_once_and_it_may_be_proposed_again(
    client, section, product
):
    item = approved(an_item(section, product))

    answer = _decide(client, a_partner(section), "partner", item, "REJECT", "标签不符")

    assert answer.json()["state"] == "REJECTED"
    assert (answer.json()["partner_approved"], answer.json()["platform_approved"]) == (False, False)
    assert answer.json()["steps"][-1]["reason"] == "标签不符"
    assert not SectionMember.objects.exists()
    again = an_item(section, product)
    assert (again.pk, again.state) == (item.pk, ItemState.PROPOSED)


def test_what_was_decided_is_not_decided_twice_nor_proposed_twice(client, section, product):
    item = an_item(section, product)
    bureau = a_partner(section)
    _decide(client, bureau, "partner", item)

    twice = _decide(client, bureau, "partner", item)

    assert (twice.status_code, twice.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    with pytest.raises(items.AlreadyProposed):
        an_item(section, product)
    assert SectionItem.objects.get().state == ItemState.PARTNER_APPROVED


def test_the_partners_people_see_and_decide_their_own_section_only(client, section, product):
    other = a_co_branded_section(OTHER, regions=["420000"])
    item = an_item(other, product)
    bureau, somebody = a_partner(section), a_user()

    sections = client.get("/api/v1/partner/sections", **bearer(bureau)).json()["results"]
    foreign = _decide(client, bureau, "partner", item)
    list_of_others = client.get(f"/api/v1/partner/sections/{other.slug}/items", **bearer(bureau))
    as_staff = _decide(client, bureau, "staff", item)
    nobody = _decide(client, somebody, "partner", item)

    assert [one["slug"] for one in sections] == [section.slug]
    assert sections[0]["partner"] == {"name": BUREAU, "region": "420000"}
    assert (foreign.status_code, list_of_others.status_code) == (404, 404)
    assert (as_staff.status_code, nobody.status_code) == (403, 403)
    item.refresh_from_db()
    assert item.state == ItemState.PROPOSED


def test_one_person_is_never_both_sides(client, section, product):
    both = a_partner(section)
    with transaction.atomic():
        granting.grant_role(both.pk, Role.SECTION_MANAGER, now=section.created_at)
    item = an_item(section, product)
    _decide(client, both, "partner", item)

    refused = _decide(client, both, "staff", item)

    assert (refused.status_code, refused.json()["code"]) == (409, "ONE_FOR_BOTH_SIDES")


def test_pins_and_the_rule_do_not_go_around_the_two_sides(section, product, now):
    with transaction.atomic():
        pins.pin(section, product.reference, position=1, actor=SYSTEM, now=now)
    deliver_all(now)
    assert not SectionMember.objects.exists()

    approved(an_item(section, product))

    assert SectionMember.objects.get().is_pinned


def test_goods_from_elsewhere_and_sections_without_a_partner_take_no_items(section, product):
    with pytest.raises(pins.SectionOriginMismatch):
        an_item(section, a_product(origin="510184"))
    with pytest.raises(items.NotCoBranded):
        an_item(a_section(), product)


def test_a_manager_makes_one_and_lets_the_partners_people_in_and_out(client):
    manager = bearer(a_staff(Role.SECTION_MANAGER, region="420000"))
    body = {
        "slug": "hubei-nync",
        "name": "鄂品馆",
        "kind": "CO_BRANDED",
        "partner": {"name": BUREAU, "region": "420000"},
        "rule": {"regions": ["420000"]},
        "state": "OPEN",
    }
    phone = a_phone()
    people = "/api/v1/staff/sections/hubei-nync/partners"

    made = client.post("/api/v1/staff/sections", body, JSON, **manager)
    joined = client.post(people, {"phone": phone}, JSON, **manager)
    listed = client.get(people, **manager).json()["results"]
    left = client.delete(f"{people}/{joined.json()['id']}", **manager)
    twice = client.delete(f"{people}/{joined.json()['id']}", **manager)

    assert (made.status_code, made.json()["kind"]) == (201, "CO_BRANDED")
    assert made.json()["partner"] == {"name": BUREAU, "region": "420000"}
    assert (joined.status_code, len(listed)) == (201, 1)
    assert phone.removeprefix("+86") not in joined.content.decode()
    assert (left.status_code, twice.status_code) == (204, 404)
    assert client.get(people, **manager).json()["results"] == []
    public = client.get("/api/v1/sections/hubei-nync").json()
    assert (public["kind"], public["partner"]["name"]) == ("CO_BRANDED", BUREAU)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "CO_BRANDED"}, "/partner"),
        ({"partner": {"name": BUREAU}}, "/partner"),
        ({"kind": "CO_BRANDED", "partner": {"name": ""}}, "/partner/name"),
        ({"kind": "CO_BRANDED", "partner": {"name": BUREAU, "region": "1"}}, "/partner/region"),
        ({"kind": "MINE"}, "/kind"),
    ],
)
def test_a_section_whose_partner_does_not_fit_is_refused(client, changes, pointer):
    manager = bearer(a_staff(Role.SECTION_MANAGER))
    body = {"slug": "a-hall", "name": "专区"} | changes

    answer = client.post("/api/v1/staff/sections", body, JSON, **manager)

    assert answer.status_code == 400, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Section.objects.exists()


def test_a_manager_makes_none_with_a_partner_of_another_region(client):
    manager = bearer(a_staff(Role.SECTION_MANAGER, region="420000"))
    body = {"slug": "x", "name": "专区", "kind": "CO_BRANDED", "rule": {"regions": ["420000"]}}

    for region in ("430000", ""):
        partner = {"partner": {"name": OTHER, "region": region}}
        answer = client.post("/api/v1/staff/sections", body | partner, JSON, **manager)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "MINE"}, "state_is_known"),
        ({"state": "APPROVED"}, "partner_approval_has_its_instant"),
        ({"partner_at": "2026-11-12T00:00Z"}, "partner_approval_has_its_instant"),
        ({"state": "PLATFORM_APPROVED"}, "platform_approval_has_its_instant"),
        ({"platform_at": "2026-11-12T00:00Z"}, "platform_approval_has_its_instant"),
    ],
)
def test_the_database_refuses_an_item(section, product, changes, constraint):
    item = an_item(section, product)

    with pytest.raises(IntegrityError, match=f"sections_sectionitem_{constraint}"):
        SectionItem.objects.filter(pk=item.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "MINE"}, "kind_is_known"),
        ({"kind": "PLAIN"}, "partner_fits_the_kind"),
        ({"partner": None}, "partner_fits_the_kind"),
    ],
)
def test_the_database_refuses_a_section(section, changes, constraint):
    with pytest.raises(IntegrityError, match=f"sections_section_{constraint}"):
        Section.objects.filter(pk=section.pk).update(**changes)


def test_at_the_console_each_side_decides_for_itself(section, product):
    item = an_item(section, product)
    bureau = desk.let_in(a_partner(section))
    manager = desk.staff(Role.SECTION_MANAGER)
    partner_page = desk.seat(bureau).get(desk.one(item)).content.decode()

    desk.act(desk.seat(bureau), "platform_approve", item)
    desk.act(desk.seat(bureau), "partner_approve", item)
    desk.act(desk.seat(manager), "partner_approve", item)
    desk.act(desk.seat(manager), "platform_approve", item, reason="合格")

    assert "合作方同意" in partner_page
    assert "平台同意</" not in partner_page
    item.refresh_from_db()
    assert (item.state, item.partner_by, item.platform_by) == ("APPROVED", bureau, manager)
    assert product.title in desk.seat(manager).get(desk.listed_of(item)).content.decode()


def test_at_the_console_a_partner_sees_only_its_own(section, product):
    other = an_item(a_co_branded_section(OTHER, regions=["420000"]), product)
    bureau = desk.let_in(a_partner(section))

    assert desk.seat(bureau).get(desk.one(other)).status_code == 404
    desk.act(desk.seat(bureau), "partner_approve", other)

    other.refresh_from_db()
    assert other.state == ItemState.PROPOSED
    assert ITEM.next_of(other.state, "partner_approve")


def test_a_clerk_of_another_shop_cannot_propose_it(client, section, product):
    rival = open_shop().members.get().user
    address = f"/api/v1/seller/products/{product.reference}/section-items"

    answer = client.post(address, {"section": section.slug}, JSON, **bearer(rival))

    assert answer.status_code == 404
    assert not SectionItem.objects.exists()
