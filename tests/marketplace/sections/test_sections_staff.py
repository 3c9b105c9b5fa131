"""Managers make, change and open sections inside the regions of their role."""

import pytest

from core.accounts.domain.roles import Role
from core.audit.models import StateLog
from marketplace.sections.models import Section, SectionMember
from tests.factories.accounts import a_staff, a_user, bearer
from tests.factories.catalogue import a_category, a_product
from tests.factories.sections import a_section
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

JSON = "application/json"
HALL = {"slug": "enshi", "name": "恩施专区", "rule": {"regions": ["422800"]}, "state": "OPEN"}


@pytest.fixture
def manager():
    """Somebody who runs the sections of the whole country."""
    return bearer(a_staff(Role.SECTION_MANAGER))


@pytest.fixture
def of_hubei():
    """Somebody who runs the sections of Hubei."""
    return bearer(a_staff(Role.SECTION_MANAGER, region="420000"))


def test_a_section_made_over_http_shows_its_products(client, manager, now):
    product = a_product(origin="422823")

    made = client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    deliver_all(now)

    assert made.status_code == 201, made.content
    assert made.json()["state"] == "OPEN"
    page = client.get("/api/v1/sections/enshi/products").json()
    assert [card["id"] for card in page["results"]] == [str(product.reference)]
    shown = client.get("/api/v1/sections/enshi").json()
    assert (shown["name"], shown["products"]) == ("恩施专区", 1)
    assert shown["rule"] == {"regions": ["422800"], "programmes": [], "categories": []}
    section = Section.objects.get()
    steps = StateLog.objects.filter(subject="section", subject_id=section.pk).order_by("id")
    assert list(steps.values_list("action", flat=True)) == ["create", "open"]


def test_changing_the_rule_changes_the_members(client, manager, now):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    a_product(origin="422823")
    citrus = a_category("citrus")
    change = {"rule": {"regions": ["420500"], "categories": [str(citrus.reference)]}}

    answer = client.patch("/api/v1/staff/sections/enshi", change, JSON, **manager)
    deliver_all(now)

    assert answer.status_code == 200, answer.content
    assert answer.json()["rule"]["categories"] == [str(citrus.reference)]
    assert not SectionMember.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(client, manager):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    seen = client.get("/api/v1/staff/sections/enshi", **manager)["ETag"]
    client.patch("/api/v1/staff/sections/enshi", {"name": "新名"}, JSON, **manager)

    late = client.patch(
        "/api/v1/staff/sections/enshi", {"name": "旧名"}, JSON, HTTP_IF_MATCH=seen, **manager
    )

    assert late.status_code == 412
    assert Section.objects.get().name == "新名"


def test_a_section_is_closed_and_opened_again_but_never_prepared_again(client, manager):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)

    def put(state):
        answer = client.patch("/api/v1/staff/sections/enshi", {"state": state}, JSON, **manager)
        return answer.status_code, answer.json().get("code")

    assert put("CLOSED") == (200, None)
    assert client.get("/api/v1/sections/enshi").status_code == 404
    assert put("OPEN") == (200, None)
    assert put("OPEN") == (200, None)
    assert put("DRAFT") == (409, "ILLEGAL_TRANSITION")
    assert Section.objects.get().state == "OPEN"


def test_pins_are_put_and_taken_off_over_http(client, manager, now):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    first, second = a_product(origin="422823"), a_product(origin="422823")
    deliver_all(now)
    pins, products = "/api/v1/staff/sections/enshi/pins", "/api/v1/sections/enshi/products"

    pinned = client.post(pins, {"product": str(second.reference)}, JSON, **manager)

    def listed():
        return [card["id"] for card in client.get(products).json()["results"]]

    assert pinned.status_code == 201, pinned.content
    assert pinned.json()["position"] == 1
    assert listed() == [str(second.reference), str(first.reference)]
    assert len(client.get(pins, **manager).json()["results"]) == 1
    gone = client.delete(f"{pins}?product={second.reference}", **manager)
    assert gone.status_code == 204
    again = client.delete(pins, {"product": str(second.reference)}, JSON, **manager)
    assert again.status_code == 404
    assert listed() == [str(first.reference), str(second.reference)]


def test_a_product_from_elsewhere_is_not_pinned(client, manager):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    product = a_product(origin="310101")

    answer = client.post(
        "/api/v1/staff/sections/enshi/pins", {"product": str(product.reference)}, JSON, **manager
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "SECTION_ORIGIN_MISMATCH")
    assert not Section.objects.get().pins.exists()


def test_a_manager_of_a_region_sees_and_makes_only_what_lies_inside(client, of_hubei):
    a_section("inside", regions=["420500", "422800"])
    a_section("half-inside", regions=["420500", "430000"])
    a_section("everywhere", programmes=["832"])

    listed = client.get("/api/v1/staff/sections", **of_hubei).json()["results"]
    outside = {**HALL, "rule": {"regions": ["430000"]}}
    everywhere = {**HALL, "rule": {"programmes": ["832"]}}

    assert [section["slug"] for section in listed] == ["inside"]
    assert client.post("/api/v1/staff/sections", outside, JSON, **of_hubei).status_code == 403
    assert client.post("/api/v1/staff/sections", everywhere, JSON, **of_hubei).status_code == 403
    assert client.post("/api/v1/staff/sections", HALL, JSON, **of_hubei).status_code == 201
    for slug in ("half-inside", "everywhere"):
        address = f"/api/v1/staff/sections/{slug}"
        assert client.patch(address, {"name": "x"}, JSON, **of_hubei).status_code == 404
    moved = client.patch(
        "/api/v1/staff/sections/inside", {"rule": {"regions": ["430000"]}}, JSON, **of_hubei
    )
    assert moved.status_code == 403
    assert Section.objects.get(slug="inside").regions == ["420500", "422800"]


def test_only_managers_come_in(client):
    for headers, status in (
        ({}, 401),
        (bearer(a_user()), 403),
        (bearer(a_staff(Role.REVIEWER)), 403),
    ):
        assert client.get("/api/v1/staff/sections", **headers).status_code == status
        made = client.post("/api/v1/staff/sections", HALL, JSON, **headers)
        assert made.status_code == status

    assert not Section.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"slug": "En Shi"}, "/slug", "NOT_A_SLUG"),
        ({"slug": "-"}, "/slug", "NOT_A_SLUG"),
        ({"name": "恩施\u202e专区"}, "/name", "FORBIDDEN_CHARACTER"),
        ({"rule": {"regions": ["999999"]}}, "/rule/regions/0", "UNKNOWN_REGION"),
        ({"rule": {"programmes": ["900"]}}, "/rule/programmes/0", "UNKNOWN_PROGRAMME"),
        ({"rule": {"categories": ["x"]}}, "/rule/categories/0", "UNKNOWN_CATEGORY"),
        ({"rule": {"partner": 1}}, "/rule/partner", "UNKNOWN_FIELD"),
        ({"opens_at": "2026-11-11T12:00:00"}, "/opens_at", "NAIVE_TIME"),
        (
            {"opens_at": "2026-11-12T00:00:00Z", "closes_at": "2026-11-12T00:00:00Z"},
            "/closes_at",
            "WINDOW_NOT_FORWARD",
        ),
        ({"position": -1}, "/position", None),
        ({"position": 10**30}, "/position", None),
        ({"state": "SLEEPING"}, "/state", None),
    ],
)
def test_bad_input_is_refused_where_it_stands(client, manager, wrong, pointer, code):
    answer = client.post("/api/v1/staff/sections", {**HALL, **wrong}, JSON, **manager)

    assert answer.status_code == 400, answer.content
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert code is None or fault["code"] == code
    assert not Section.objects.exists()


def test_a_slug_is_given_once(client, manager):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)

    again = client.post("/api/v1/staff/sections", HALL, JSON, **manager)

    assert (again.status_code, again.json()["code"]) == (409, "SLUG_TAKEN")


def test_a_window_is_judged_with_what_is_there_already(client, manager):
    closing = {**HALL, "closes_at": "2026-11-12T00:00:00Z"}
    client.post("/api/v1/staff/sections", closing, JSON, **manager)

    late = client.patch(
        "/api/v1/staff/sections/enshi", {"opens_at": "2026-11-13T00:00:00Z"}, JSON, **manager
    )

    assert late.status_code == 400
    assert Section.objects.get().opens_at is None
