"""Halls of counties, and the one flagship brand of each."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.audit.actors import SYSTEM
from core.errors import NotFound
from marketplace.sections.models import (
    BrandAuthorisation,
    BrandMark,
    ExternalListing,
    RegionalBrand,
    Section,
    SectionCount,
    SectionMember,
)
from marketplace.sections.services import brands, marks, sections
from shops.catalogue.models import Product
from tests.factories.accounts import a_staff, bearer
from tests.factories.catalogue import a_category, a_product
from tests.factories.sections import a_brand, a_hall, a_mark, a_section, authorise
from tests.factories.storefronts import open_shop
from tests.support import desk
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
JSON = "application/json"
QIDONG, ZIGUI, XINGSHAN = "430426", "420527", "420526"
HALL = {
    "slug": "qidong",
    "name": "祁东馆",
    "kind": "HALL",
    "partner": {"name": "祁东县农业农村局", "region": QIDONG},
    "story": "祁东黄花菜，\n国家地理标志。",
    "gi_mark": "祁东黄花菜 AGI01234",
    "listings": [{"platform": "京东", "url": "https://qidong.jd.example/"}],
    "state": "OPEN",
}


@pytest.fixture
def manager():
    return bearer(a_staff(Role.SECTION_MANAGER))


def _products(client, county):
    page = client.get(f"/api/v1/halls/{county}/products").json()
    return [card["id"] for card in page["results"]]


# --- Halls ----------------------------------------------------------------------------------------


def test_a_hall_tells_its_story_and_shows_its_own_county_only(client, manager, now):
    lily, near = a_product(origin=QIDONG), a_product(origin="430424")
    flagship = a_brand(QIDONG)

    made = client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    deliver_all(now)

    assert made.status_code == 201, made.content
    hall = client.get(f"/api/v1/halls/{QIDONG}").json()
    assert hall["county"] == {"code": QIDONG, "name": "祁东县"}
    assert (hall["story"], hall["gi_mark"]) == (HALL["story"], HALL["gi_mark"])
    assert (hall["listings"], hall["products"]) == (HALL["listings"], 1)
    assert hall["flagship"]["id"] == str(flagship.reference)
    assert hall["partner"]["name"] == "祁东县农业农村局"
    assert _products(client, QIDONG) == [str(lily.reference)]
    assert str(near.reference) not in _products(client, QIDONG)
    assert [one["slug"] for one in client.get("/api/v1/halls").json()["results"]] == ["qidong"]
    assert client.get("/api/v1/halls/430424").status_code == 404
    assert client.get("/api/v1/halls/430424/products").status_code == 404


def test_the_selector_shows_nothing_from_elsewhere_even_if_a_member_is_wrong(client, now):
    a_hall(ZIGUI)
    a_product(origin=ZIGUI)
    deliver_all(now)
    SectionMember.objects.update(origin_county=XINGSHAN)
    SectionCount.objects.update(origin_county=XINGSHAN)

    assert _products(client, ZIGUI) == []


def test_a_county_has_one_hall(client, manager):
    a_hall(QIDONG)

    answer = client.post("/api/v1/staff/sections", HALL, JSON, **manager)

    assert (answer.status_code, answer.json()["code"]) == (409, "HALL_EXISTS")
    assert Section.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"partner": {"name": "省厅", "region": "430000"}}, 400, "INVALID_INPUT"),
        ({"partner": {"name": "部委"}}, 400, "INVALID_INPUT"),
        ({"partner": None}, 400, "INVALID_INPUT"),
        ({"rule": {"regions": ["430000"]}}, 422, "HALL_OF_ONE_COUNTY"),
        ({"rule": {"regions": [QIDONG, "430424"]}}, 422, "HALL_OF_ONE_COUNTY"),
        ({"kind": "PLAIN", "partner": None}, 422, "HALL_OF_ONE_COUNTY"),
        ({"listings": [{"platform": "京东", "url": "http://jd.example/"}]}, 400, "INVALID_INPUT"),
        ({"listings": [{"platform": "京东", "url": "https://"}]}, 400, "INVALID_INPUT"),
    ],
)
def test_what_is_no_hall_is_refused(client, manager, changes, status, code):
    answer = client.post("/api/v1/staff/sections", HALL | changes, JSON, **manager)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not Section.objects.exists()


def test_a_hall_is_changed_but_never_into_one_of_other_goods(client, manager):
    client.post("/api/v1/staff/sections", HALL, JSON, **manager)
    address = "/api/v1/staff/sections/qidong"
    other = [{"platform": "淘宝", "url": "https://qidong.taobao.example/"}]

    wider = client.patch(address, {"rule": {"regions": ["430000"]}}, JSON, **manager)
    retold = client.patch(address, {"story": "新的故事", "listings": other}, JSON, **manager)

    assert (wider.status_code, wider.json()["code"]) == (422, "HALL_OF_ONE_COUNTY")
    assert retold.status_code == 200
    shown = client.get(f"/api/v1/halls/{QIDONG}").json()
    assert (shown["story"], shown["listings"]) == ("新的故事", other)


def test_only_halls_are_listed_elsewhere(now):
    section = a_section()

    with pytest.raises(sections.HallOfOneCounty), transaction.atomic():
        sections.edit(
            section,
            actor=SYSTEM,
            now=now,
            listings=[sections.Listing("京东", "https://a.example/")],
        )
    with pytest.raises(sections.HallOfOneCounty), transaction.atomic():
        sections.edit(section, actor=SYSTEM, now=now, story="故事")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"county": ""}, "hall_is_of_one_county"),
        ({"regions": []}, "hall_is_of_one_county"),
        ({"regions": [XINGSHAN]}, "hall_is_of_one_county"),
        ({"regions": [ZIGUI, XINGSHAN]}, "hall_is_of_one_county"),
        ({"kind": "CO_BRANDED"}, "hall_is_of_one_county"),
    ],
)
def test_the_database_refuses_a_hall(changes, constraint):
    hall = a_hall(ZIGUI)

    with pytest.raises(IntegrityError, match=f"sections_section_{constraint}"):
        Section.objects.filter(pk=hall.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [({"url": "http://a.example/"}, "url_is_safe"), ({"platform": ""}, "platform_has_a_name")],
)
def test_the_database_refuses_a_listing(changes, constraint):
    a_hall(ZIGUI, listings=[sections.Listing("京东", "https://a.example/")])

    with pytest.raises(IntegrityError, match=f"sections_externallisting_{constraint}"):
        ExternalListing.objects.update(**changes)


# --- Brands ---------------------------------------------------------------------------------------


def test_a_second_flagship_is_refused_until_the_first_is_retired(client, manager):
    body = {"county": QIDONG, "kind": "FLAGSHIP", "name": "祁东黄花"}
    body["category"] = str(a_product().category.reference)

    first = client.post("/api/v1/staff/brands", body, JSON, **manager)
    second = client.post("/api/v1/staff/brands", body | {"name": "另一个"}, JSON, **manager)
    other = client.post("/api/v1/staff/brands", body | {"kind": "REGIONAL"}, JSON, **manager)
    client.post(f"/api/v1/staff/brands/{first.json()['id']}/retirement", {}, JSON, **manager)
    third = client.post("/api/v1/staff/brands", body | {"name": "第三个"}, JSON, **manager)

    assert (first.status_code, first.json()["county"]["name"]) == (201, "祁东县")
    assert (second.status_code, second.json()["code"]) == (409, "FLAGSHIP_EXISTS")
    assert (other.status_code, third.status_code) == (201, 201)
    public = client.get(f"/api/v1/brands?county={QIDONG}").json()["results"]
    assert {(one["name"], one["kind"]) for one in public} == {
        ("祁东黄花", "REGIONAL"),
        ("第三个", "FLAGSHIP"),
    }


def test_only_an_authorised_shop_bears_the_mark_and_loses_it_with_the_right(client, manager):
    product = a_product(origin=ZIGUI)
    owner = bearer(product.shop.members.get().user)
    brand = a_brand(ZIGUI)
    mark = f"/api/v1/seller/products/{product.reference}/brand-mark"
    rights = f"/api/v1/staff/brands/{brand.reference}/authorisations"
    body = {"brand": str(brand.reference)}
    bearing = f"/api/v1/brands/{brand.reference}/products"

    blocked = client.put(mark, body, JSON, **owner)
    shop = {"shop": str(product.shop.reference)}
    allowed = client.post(rights, shop, JSON, **manager)
    twice = client.post(rights, shop, JSON, **manager)
    marked = client.put(mark, body, JSON, **owner)
    seen = [card["id"] for card in client.get(bearing).json()["results"]]
    held = client.get(rights, **manager).json()["results"]
    ended = client.delete(f"{rights}/{product.shop.reference}", **manager)
    again = client.put(mark, body, JSON, **owner)

    assert (blocked.status_code, blocked.json()["code"]) == (409, "MARK_NOT_AUTHORISED")
    assert (allowed.status_code, marked.status_code) == (201, 200)
    assert (twice.status_code, twice.json()["code"]) == (409, "ALREADY_AUTHORISED")
    assert marked.json()["name"] == brand.name
    assert seen == [str(product.reference)]
    assert [(one["shop"], one["products"]) for one in held] == [(str(product.shop.reference), 1)]
    assert (ended.status_code, again.status_code) == (204, 409)
    assert not BrandMark.objects.exists()
    assert client.get(bearing).json()["results"] == []


def test_the_mark_is_for_goods_of_the_county_and_the_category_only():
    shop = open_shop()
    brand = a_brand(ZIGUI, category="citrus")
    authorise(brand, shop)

    for product in (
        a_product(shop, origin=XINGSHAN),
        a_product(shop, origin=ZIGUI, category=a_category("kiwifruit")),
    ):
        with pytest.raises(marks.MarkDoesNotFit):
            a_mark(brand, product)
    assert not BrandMark.objects.exists()


def test_a_product_that_comes_to_be_from_elsewhere_loses_the_mark(now):
    product = a_product(origin=ZIGUI)
    brand = a_brand(ZIGUI)
    authorise(brand, product.shop)
    a_mark(brand, product)
    Product.objects.filter(pk=product.pk).update(origin_county=XINGSHAN)

    with transaction.atomic():
        marks.take_off_where_wrong(product.pk)

    assert not BrandMark.objects.exists()


def test_a_retired_brand_is_used_by_nobody(now):
    product = a_product(origin=ZIGUI)
    brand = a_brand(ZIGUI)
    authorise(brand, product.shop)
    a_mark(brand, product)

    with transaction.atomic():
        brands.retire(brand, actor=SYSTEM, now=now)

    assert not BrandMark.objects.exists()
    assert BrandAuthorisation.objects.get().ended_at == now
    with transaction.atomic(), pytest.raises(NotFound):
        brands.authorise(brand, product.shop.reference, actor=SYSTEM, now=now)


def test_a_manager_of_another_region_sees_and_founds_none(client):
    far = bearer(a_staff(Role.SECTION_MANAGER, region="420000"))
    brand = a_brand(QIDONG)
    body = {"county": QIDONG, "category": "citrus", "kind": "REGIONAL", "name": "别家"}

    assert client.get("/api/v1/staff/brands", **far).json()["results"] == []
    gone = client.post(f"/api/v1/staff/brands/{brand.reference}/retirement", {}, JSON, **far)
    assert gone.status_code == 404
    assert client.post("/api/v1/staff/brands", body, JSON, **far).status_code == 403


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"county": "祁东"}, "county_is_a_code"),
        ({"kind": "BEST"}, "kind_is_known"),
        ({"name": ""}, "has_a_name"),
        ({"state": "RETIRED"}, "retired_has_its_instant"),
        ({"retired_at": "2026-11-12T00:00Z"}, "retired_has_its_instant"),
        ({"county": XINGSHAN}, "one_flagship_per_county"),
    ],
)
def test_the_database_refuses_a_brand(changes, constraint):
    brand = a_brand(ZIGUI)
    a_brand(XINGSHAN)

    with pytest.raises(IntegrityError, match=f"sections_regionalbrand_{constraint}"):
        RegionalBrand.objects.filter(pk=brand.pk).update(**changes)


def test_at_the_console_a_brand_is_founded_and_a_shop_authorised(now):
    manager = desk.seat(desk.staff(Role.SECTION_MANAGER))
    brand = a_brand(ZIGUI)
    product = a_product(origin=ZIGUI)
    shop = {"shop": str(product.shop.reference)}
    said = {"county": "秭归县", "kind": "FLAGSHIP", "name": "秭归脐橙"}
    said["category"] = str(product.category_id)

    second = manager.post(f"{desk.listed_of(brand)}add/", said)
    desk.do(manager, brand, "authorise", shop)

    assert "county" in desk.errors_of(second)
    assert RegionalBrand.objects.count() == 1
    assert BrandAuthorisation.objects.get().ended_at is None
    desk.do(manager, brand, "end", shop)
    assert BrandAuthorisation.objects.get().ended_at is not None
    desk.act(manager, "retire", brand)
    brand.refresh_from_db()
    assert brand.state == "RETIRED"
