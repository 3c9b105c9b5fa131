"""A seller lists goods, buyers look at them: over HTTP."""

import pytest

from core.regions.selectors import divisions
from shops.catalogue.models import Product
from shops.catalogue.services import publication, stock
from tests.factories.accounts import a_user, bearer
from tests.factories.catalogue import a_product
from tests.factories.storefronts import a_shop, open_shop

pytestmark = pytest.mark.django_db
BASE = "/api/v1"
JSON = "application/json"


@pytest.fixture
def seller():
    user = a_user()
    return user, open_shop(owner=user), bearer(user)


def body(**changes):
    sku = {"spec": "5斤装", "price_fen": 2990, "net_weight_g": 2500, "gross_weight_g": 2800}
    return {
        "title": "秭归脐橙",
        "category": "citrus",
        "origin": "420527",
        "description": "树上熟透再采。\n现摘现发。",
        "product_class": "RAW_PRODUCE",
        "temp_class": "AMBIENT",
        "shelf_life_days": 15,
        "freight_template": None,
        "skus": [{**sku, "stock": 40}],
    } | changes


def begin(client, seller, **changes):
    _, shop, signed_in = seller
    return client.post(
        f"{BASE}/seller/shops/{shop.reference}/products", body(**changes), JSON, **signed_in
    )


def publish(client, seller, product_id):
    address = f"{BASE}/seller/products/{product_id}/publication"
    return client.post(address, content_type="application/json", **seller[2])


def test_a_product_goes_from_draft_to_sale_and_back(client, seller):
    draft = begin(client, seller)
    product_id = draft.json()["id"]
    hidden = client.get(f"{BASE}/products/{product_id}")
    on_sale = publish(client, seller, product_id)
    page = client.get(f"{BASE}/products/{product_id}", headers={"Accept-Language": "en"})
    off_sale = client.delete(f"{BASE}/seller/products/{product_id}/publication", **seller[2])

    assert (draft.status_code, draft.json()["state"]) == (201, "DRAFT")
    assert hidden.status_code == 404
    assert (on_sale.status_code, on_sale.json()["state"]) == (200, "PUBLISHED")
    assert page.json()["skus"][0]["available"] == 40
    assert page.json()["unit_price"] == {"price_fen": 1196, "per": "kg"}
    assert page.json()["category"]["name"] == "Citrus"
    assert page.json()["origin"] == {"code": "420527", "name": "秭归县"}
    assert [badge["code"] for badge in page.json()["badges"]] == ["832"]
    assert off_sale.json()["state"] == "WITHDRAWN"
    assert client.get(f"{BASE}/products/{product_id}").status_code == 404
    assert client.get(f"{BASE}/products").json()["results"] == []


def test_class_and_temperature_are_those_of_the_category_unless_said(client, seller):
    changes = body(category="eggs")
    del changes["product_class"], changes["temp_class"]
    answer = client.post(
        f"{BASE}/seller/shops/{seller[1].reference}/products", changes, JSON, **seller[2]
    )

    assert answer.json()["product_class"] == "RAW_PRODUCE"
    assert answer.json()["temp_class"] == "AMBIENT"


def test_an_edit_is_guarded_by_what_was_read(client, seller):
    product_id = begin(client, seller).json()["id"]
    publish(client, seller, product_id)
    address = f"{BASE}/seller/products/{product_id}"
    tag = client.get(address, **seller[2])["ETag"]
    change = {"title": "秭归伦晚脐橙"}

    first = client.patch(address, change, JSON, HTTP_IF_MATCH=tag, **seller[2])
    second = client.patch(address, {"title": "别的"}, JSON, HTTP_IF_MATCH=tag, **seller[2])
    page = client.get(f"{BASE}/products/{product_id}").json()

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert page["title"] == "秭归伦晚脐橙"
    assert page["description"].startswith("树上熟透")


def test_a_new_price_is_on_the_card_at_once(client, seller):
    product = begin(client, seller).json()
    publish(client, seller, product["id"])
    sku = product["skus"][0]["id"]

    answer = client.patch(f"{BASE}/seller/skus/{sku}", {"price_fen": 1990}, JSON, **seller[2])
    card = client.get(f"{BASE}/products").json()["results"][0]

    assert answer.json()["price_fen"] == 1990
    assert (card["price_from_fen"], card["unit_price"]["price_fen"]) == (1990, 796)


def test_a_stock_adjustment_works_once_per_key(client, seller):
    sku = begin(client, seller).json()["skus"][0]["id"]
    address = f"{BASE}/seller/skus/{sku}/stock-adjustments"
    change = {"change": -15, "reason": "自用"}

    first = client.post(address, change, JSON, HTTP_IDEMPOTENCY_KEY="k1", **seller[2])
    again = client.post(address, change, JSON, HTTP_IDEMPOTENCY_KEY="k1", **seller[2])
    keyless = client.post(address, change, JSON, **seller[2])
    too_much = client.post(
        address, {"change": -26, "reason": "自用"}, JSON, HTTP_IDEMPOTENCY_KEY="k2", **seller[2]
    )
    journal = client.get(address, **seller[2]).json()["results"]

    assert first.status_code == 201
    assert again.json() == first.json()
    assert keyless.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    assert (too_much.status_code, too_much.json()["code"]) == (409, stock.StockTooLow.code)
    assert too_much.json()["left"] == 25
    assert [row["change"] for row in journal] == [-15, 40]


def test_somebody_elses_goods_are_not_there(client, seller):
    stranger = bearer(a_user())
    product = begin(client, seller).json()
    sku = product["skus"][0]["id"]
    shop = seller[1].reference

    answers = [
        client.get(f"{BASE}/seller/shops/{shop}/products", **stranger),
        client.post(f"{BASE}/seller/shops/{shop}/products", body(), JSON, **stranger),
        client.get(f"{BASE}/seller/products/{product['id']}", **stranger),
        client.patch(f"{BASE}/seller/products/{product['id']}", {"title": "x"}, JSON, **stranger),
        client.post(
            f"{BASE}/seller/products/{product['id']}/publication",
            content_type="application/json",
            **stranger,
        ),
        client.patch(f"{BASE}/seller/skus/{sku}", {"price_fen": 1}, JSON, **stranger),
        client.post(
            f"{BASE}/seller/skus/{sku}/stock-adjustments",
            {"change": 1, "reason": "x"},
            JSON,
            HTTP_IDEMPOTENCY_KEY="k",
            **stranger,
        ),
    ]

    assert [answer.status_code for answer in answers] == [404] * 7
    assert client.get(f"{BASE}/seller/shops/{shop}/products").status_code == 401


def test_a_shop_that_is_not_open_cannot_sell(client):
    user = a_user()
    seller = user, a_shop(owner=user), bearer(user)
    product_id = begin(client, seller).json()["id"]

    answer = publish(client, seller, product_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "SHOP_NOT_OPEN")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"category": "eggs", "product_class": "HANDICRAFT"}, 422, "PRODUCT_INCOMPLETE"),
        ({"category": "snacks", "product_class": "PROCESSED"}, 422, "CLASS_NOT_ALLOWED"),
        ({"category": "rice", "product_class": "PREPACKAGED"}, 422, "LICENCE_MISSING"),
    ],
)
def test_what_may_not_be_sold_is_not_published(client, seller, changes, status, code):
    product_id = begin(client, seller, **changes).json()["id"]

    answer = publish(client, seller, product_id)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Product.objects.get(reference=product_id).state == "DRAFT"


def test_what_is_on_sale_stays_fit_to_be_sold(client, seller):
    product_id = begin(client, seller).json()["id"]
    publish(client, seller, product_id)

    answer = client.patch(
        f"{BASE}/seller/products/{product_id}",
        {"category": "snacks", "product_class": "PROCESSED"},
        JSON,
        **seller[2],
    )

    assert answer.json()["code"] == publication.ClassNotAllowed.code
    assert Product.objects.get(reference=product_id).product_class == "RAW_PRODUCE"


SKU = {"spec": "x", "price_fen": 1, "net_weight_g": 1, "gross_weight_g": 1}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"origin": "999999"}, "/origin", "UNKNOWN_REGION"),
        ({"origin": "420500"}, "/origin", "UNKNOWN_REGION"),
        ({"origin": "420821"}, "/origin", "RETIRED_REGION"),
        ({"origin": 420527}, "/origin", "NOT_TEXT"),
        ({"category": "planes"}, "/category", "UNKNOWN_CATEGORY"),
        ({"title": ""}, "/title", None),
        ({"title": "橙" * 61}, "/title", None),
        ({"title": "\u202e橙"}, "/title", "FORBIDDEN_CHARACTER"),
        ({"product_class": "WEAPONS"}, "/product_class", None),
        ({"shelf_life_days": 0}, "/shelf_life_days", None),
        ({"skus": []}, "/skus", None),
        ({"skus": [{**SKU, "price_fen": 0}]}, "/skus/0/price_fen", None),
        ({"skus": [{**SKU, "price_fen": -1}]}, "/skus/0/price_fen", None),
        ({"skus": [{**SKU, "price_fen": 10**13 + 1}]}, "/skus/0/price_fen", None),
        ({"skus": [{**SKU, "price_fen": 10**30}]}, "/skus/0/price_fen", None),
        ({"skus": [{**SKU, "price_fen": 9.9}]}, "/skus/0/price_fen", "NOT_AN_INTEGER"),
        ({"skus": [{**SKU, "net_weight_g": 0}]}, "/skus/0/net_weight_g", None),
        ({"skus": [{**SKU, "net_weight_g": 2}]}, "/skus/0/gross_weight_g", "GROSS_BELOW_NET"),
        ({"skus": [{**SKU, "stock": -1}]}, "/skus/0/stock", None),
        ({"skus": [SKU, SKU]}, "/skus", "REPEATED"),
        ({"skus": [{**SKU, "colour": "red"}]}, "/skus/0/colour", "UNKNOWN_FIELD"),
        ({"freight_template": "x"}, "/freight_template", "NOT_AN_ID"),
        (
            {"freight_template": "00000000-0000-4000-8000-000000000000"},
            "/freight_template",
            "UNKNOWN_FREIGHT_TEMPLATE",
        ),
        ({"state": "PUBLISHED"}, "/state", "UNKNOWN_FIELD"),
    ],
)
def test_bad_products_are_refused_with_a_pointer(client, seller, changes, pointer, code):
    answer = begin(client, seller, **changes)

    faults = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert answer.status_code == 400
    assert pointer in faults
    assert code in (None, faults[pointer])
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"change": 0, "reason": "x"}, "/change"),
        ({"change": 1_000_001, "reason": "x"}, "/change"),
        ({"change": "5", "reason": "x"}, "/change"),
        ({"change": 5}, "/reason"),
        ({"change": 5, "reason": ""}, "/reason"),
        ({"change": 5, "reason": "x", "total": 9}, "/total"),
    ],
)
def test_bad_adjustments_change_nothing(client, seller, change, pointer):
    product = begin(client, seller).json()
    sku = product["skus"][0]["id"]

    answer = client.post(
        f"{BASE}/seller/skus/{sku}/stock-adjustments",
        change,
        JSON,
        HTTP_IDEMPOTENCY_KEY="k",
        **seller[2],
    )
    now = client.get(f"{BASE}/seller/products/{product['id']}", **seller[2]).json()

    assert answer.status_code == 400
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}
    assert now["skus"][0]["available"] == 40


def test_gross_weight_below_net_is_refused_also_when_only_one_changes(client, seller):
    sku = begin(client, seller).json()["skus"][0]["id"]

    answer = client.patch(f"{BASE}/seller/skus/{sku}", {"gross_weight_g": 1}, JSON, **seller[2])

    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "pointer": "/gross_weight_g",
        "code": "GROSS_BELOW_NET",
        "detail": answer.json()["errors"][0]["detail"],
    }


def shown(client, query=""):
    return [row["title"] for row in client.get(f"{BASE}/products?{query}").json()["results"]]


def test_products_are_narrowed_and_ordered(client):
    hubei, henan = open_shop(), open_shop(region="411322")
    a_product(hubei, title="橙", price_fen=3000)
    a_product(hubei, title="蛋", price_fen=2000, category=None, origin="429004")
    a_product(henan, title="菇", price_fen=1000, origin="411322")

    assert shown(client) == ["菇", "蛋", "橙"]
    assert shown(client, "ordering=price") == ["菇", "蛋", "橙"]
    assert shown(client, "ordering=-price") == ["橙", "蛋", "菇"]
    assert shown(client, "origin=420000") == ["蛋", "橙"]
    assert shown(client, "origin=420500") == ["橙"]
    assert shown(client, "origin=429004") == ["蛋"]
    assert shown(client, "category=fruit&ordering=price") == ["菇", "蛋", "橙"]
    assert shown(client, "category=vegetables") == []
    assert shown(client, f"shop={henan.slug}") == ["菇"]
    assert shown(client, f"shop={henan.reference}") == ["菇"]
    assert shown(client, "min_price_fen=1500&max_price_fen=2500") == ["蛋"]
    assert len(client.get(f"{BASE}/shops/{hubei.slug}/products").json()["results"]) == 2


def test_a_walk_through_all_pages_has_no_gap_and_no_repeat(client):
    shop = open_shop()
    titles = {a_product(shop, price_fen=1000 + n % 3, title=f"橙{n}").title for n in range(7)}

    for ordering in ("-published_at", "price", "-price", "-sold"):
        url, seen = f"{BASE}/products?page_size=2&ordering={ordering}", []
        while url:
            page = client.get(url).json()
            seen += [row["title"] for row in page["results"]]
            url = page["next"]
        assert len(seen) == 7
        assert set(seen) == titles


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("search=橙", "/search"),
        ("section=hubei", "/section"),
        ("ordering=rank", "/ordering"),
        ("origin=999999", "/origin"),
        ("category=planes", "/category"),
        ("shop=nobody", "/shop"),
        ("min_price_fen=-1", "/min_price_fen"),
        ("min_price_fen=2&max_price_fen=1", "/max_price_fen"),
        ("page_size=101", "/page_size"),
    ],
)
def test_bad_questions_are_refused(client, query, pointer):
    answer = client.get(f"{BASE}/products?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_what_is_unchanged_is_not_sent_again(client):
    product = a_product()
    divisions.names(["420527"])
    for address in (f"products/{product.reference}", "products", "categories"):
        first = client.get(f"{BASE}/{address}")
        again = client.get(f"{BASE}/{address}", headers={"If-None-Match": first["ETag"]})

        assert (first.status_code, again.status_code) == (200, 304)


def test_pages_cost_the_same_with_more_products(client, queries_of):
    product = a_product(skus=None)
    one = queries_of(lambda: client.get(f"{BASE}/products"))
    for _ in range(5):
        a_product(product.shop)

    assert queries_of(lambda: client.get(f"{BASE}/products")) == one == 1
    assert queries_of(lambda: client.get(f"{BASE}/products/{product.reference}")) == 1


def test_categories_name_their_parents_in_both_languages(client):
    chinese = client.get(f"{BASE}/categories", headers={"Accept-Language": "zh-Hans"}).json()
    english = client.get(f"{BASE}/categories", headers={"Accept-Language": "en"}).json()

    rows = {row["slug"]: row for row in english["results"]}
    assert len(rows) == 49
    assert rows["citrus"]["parent"] == rows["fruit"]["id"]
    assert rows["citrus"]["name"] == "Citrus"
    assert {row["slug"]: row["name"] for row in chinese["results"]}["citrus"] == "柑橘橙柚"
