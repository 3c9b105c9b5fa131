"""Every address of the API with somebody who may use it, and a body that is right.

`tests/journeys/test_bad_input.py` spoils these bodies in every way it knows. A route that is not
written down here fails that test: add it, with a body that is accepted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.factories import accounts
from tests.support import bodies
from tests.support.world import World


@dataclass(frozen=True)
class Address:
    """One method of one route: who may use it, where, and what it takes."""

    who: str | None
    at: Callable[[World], dict[str, Any]] = lambda world: {}
    body: Callable[[World], Any] | None = None
    # Spoiled values that are right all the same: {"/pointer": kinds of spoiling}.
    takes: dict[str, set[str]] = field(default_factory=dict)
    # Where a good body cannot be had without secrets of somebody else, the refusal it meets.
    refused: int | None = None


def _ref(name: str, key: str = "reference") -> Callable[[World], dict[str, Any]]:
    return lambda world: {key: getattr(world, name).reference}


def _slug(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"slug": getattr(world, name).slug}


def _item(world: World) -> dict[str, Any]:
    return {"slug": world.co_branded.slug, "reference": world.item.reference}


def _group_buy(world: World) -> dict[str, Any]:
    return {"group_buy": world.group_buy.activity.reference}


def _presale(world: World) -> dict[str, Any]:
    return {"presale": world.presale.activity.reference}


def _flash_sale(world: World) -> dict[str, Any]:
    return {"flash_sale": world.flash_sale.reference}


SHOP = "seller/shops/<uuid:shop>"
OWN_SHOP = "seller/shops/<uuid:reference>"

ADDRESSES: dict[tuple[str, str], Address] = {
    # --- Everybody ---
    ("GET", "meta/enums"): Address(None),
    ("GET", "halls"): Address(None),
    ("GET", "halls/<str:county>"): Address(None, lambda w: {"county": w.county_hall.county}),
    ("GET", "halls/<str:county>/products"): Address(
        None, lambda w: {"county": w.county_hall.county}
    ),
    ("GET", "brands"): Address(None),
    ("GET", "brands/<uuid:reference>/products"): Address(None, _ref("authorised")),
    ("GET", "regions"): Address(None),
    ("GET", "regions/<str:code>"): Address(None, lambda w: {"code": "420527"}),
    ("GET", "programmes"): Address(None),
    ("GET", "programmes/<slug:slug>/regions"): Address(None, lambda w: {"slug": "832"}),
    ("GET", "categories"): Address(None),
    ("GET", "products"): Address(None),
    ("GET", "products/<uuid:reference>"): Address(None, _ref("product")),
    ("GET", "shops/<str:slug>"): Address(None, lambda w: {"slug": w.shop.slug}),
    ("GET", "shops/<str:slug>/products"): Address(None, lambda w: {"slug": w.shop.slug}),
    ("GET", "campaigns"): Address(None),
    ("GET", "campaigns/<str:slug>"): Address(None, _slug("campaign")),
    ("GET", "campaigns/<str:slug>/products"): Address(None, _slug("campaign")),
    ("GET", "sections"): Address(None),
    ("GET", "sections/<str:slug>"): Address(None, lambda w: {"slug": w.section.slug}),
    ("GET", "sections/<str:slug>/products"): Address(None, lambda w: {"slug": w.section.slug}),
    ("GET", "sections/<str:slug>/facets"): Address(None, lambda w: {"slug": w.section.slug}),
    # --- Signing in ---
    ("POST", "auth/codes"): Address(None, body=lambda w: {"phone": accounts.a_phone()}),
    ("POST", "auth/sessions"): Address(
        None, body=lambda w: {"phone": accounts.a_phone(), "code": "000000"}, refused=401
    ),
    ("POST", "auth/sessions/refresh"): Address(
        None, body=lambda w: {"refresh": "x" * 43}, refused=401
    ),
    ("DELETE", "auth/sessions/current"): Address("buyer"),
    # --- Oneself ---
    ("GET", "me"): Address("buyer"),
    ("PATCH", "me"): Address("buyer", body=lambda w: {"name": "小明"}),
    ("GET", "me/addresses"): Address("buyer"),
    ("POST", "me/addresses"): Address("buyer", body=lambda w: bodies.address()),
    ("GET", "me/addresses/<uuid:reference>"): Address("buyer", _ref("address")),
    ("PATCH", "me/addresses/<uuid:reference>"): Address(
        "buyer", _ref("address"), lambda w: bodies.address()
    ),
    ("DELETE", "me/addresses/<uuid:reference>"): Address("buyer", _ref("address")),
    ("GET", "me/coupons"): Address("buyer"),
    # --- Sellers ---
    ("GET", "seller/shops"): Address("seller"),
    ("POST", "seller/shops"): Address(
        "seller",
        body=lambda w: {"name": "橙园", "kind": "FARMER", "region": "420527", "intro": "山里"},
    ),
    ("GET", OWN_SHOP): Address("seller", _ref("shop")),
    ("PATCH", OWN_SHOP): Address(
        "seller",
        _ref("new_shop"),
        lambda w: {"name": "新橙园", "region": "420527", "intro": "山里", "fulfilment": "SELF"},
    ),
    ("GET", f"{OWN_SHOP}/checklist"): Address("seller", _ref("shop")),
    ("GET", f"{OWN_SHOP}/licences"): Address("seller", _ref("shop")),
    ("POST", f"{OWN_SHOP}/licences"): Address(
        "seller",
        _ref("new_shop"),
        lambda w: {
            "kind": "FOOD_FILING",
            "number": "JY1420500",
            "upload": w.upload(),
            "valid_from": "2026-01-01",
            "valid_until": "2030-01-01",
        },
    ),
    ("POST", f"{OWN_SHOP}/submission"): Address("seller", _ref("new_shop")),
    ("GET", f"{OWN_SHOP}/members"): Address("seller", _ref("shop")),
    ("POST", f"{OWN_SHOP}/members"): Address(
        "seller", _ref("shop"), lambda w: {"phone": w.buyer.phone}
    ),
    ("DELETE", f"{OWN_SHOP}/members/<uuid:member>"): Address(
        "seller",
        lambda w: {"reference": w.shop.reference, "member": w.clerk.reference},
    ),
    ("GET", f"{SHOP}/products"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/products"): Address("seller", _ref("shop", "shop"), bodies.goods),
    ("GET", "seller/products/<uuid:reference>"): Address("seller", _ref("product")),
    ("PATCH", "seller/products/<uuid:reference>"): Address(
        "seller",
        _ref("product"),
        lambda w: {name: said for name, said in bodies.goods(w).items() if name != "skus"},
    ),
    ("POST", "seller/products/<uuid:reference>/publication"): Address("seller", _ref("draft")),
    ("DELETE", "seller/products/<uuid:reference>/publication"): Address("seller", _ref("product")),
    ("PATCH", "seller/skus/<uuid:reference>"): Address(
        "seller",
        _ref("sku"),
        lambda w: {
            name: said for name, said in bodies.goods(w)["skus"][0].items() if name != "stock"
        },
    ),
    ("GET", "seller/skus/<uuid:reference>/stock-adjustments"): Address("seller", _ref("sku")),
    ("POST", "seller/skus/<uuid:reference>/stock-adjustments"): Address(
        "seller",
        _ref("sku"),
        lambda w: {"change": 5, "reason": "盘点"},
        takes={"/change": {"negative"}},
    ),
    ("GET", f"{SHOP}/freight-templates"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/freight-templates"): Address(
        "seller", _ref("shop", "shop"), lambda w: bodies.template()
    ),
    ("GET", f"{SHOP}/shop-orders"): Address("seller", _ref("shop", "shop")),
    ("POST", "seller/shop-orders/<uuid:shop_order>/parcels"): Address(
        "seller",
        _ref("own_shop_order", "shop_order"),
        lambda w: {
            "carrier": "sandbox",
            "waybill_no": "SF1234567890",
            "lines": [{"line": str(w.line.reference), "quantity": 1}],
        },
    ),
    ("GET", f"{SHOP}/coupon-batches"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/coupon-batches"): Address(
        "seller",
        _ref("shop", "shop"),
        lambda w: bodies.batch(w, [{"funder": "SHOP", "bp": 10_000}]),
    ),
    ("GET", f"{SHOP}/coupon-batches/<uuid:reference>"): Address(
        "seller",
        lambda w: {"shop": w.shop.reference, "reference": w.shops_batch.reference},
    ),
    ("PATCH", f"{SHOP}/coupon-batches/<uuid:reference>"): Address(
        "seller",
        lambda w: {"shop": w.shop.reference, "reference": w.shops_batch.reference},
        lambda w: {"quantity": 200},
    ),
    ("POST", f"{SHOP}/coupon-batches/<uuid:reference>/transitions"): Address(
        "seller",
        lambda w: {"shop": w.shop.reference, "reference": w.shops_batch.reference},
        lambda w: {"action": "submit", "reason": "开始"},
    ),
    ("GET", f"{SHOP}/accepted-batches"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/accepted-batches"): Address(
        "seller", _ref("shop", "shop"), lambda w: {"batch": str(w.shared.reference)}
    ),
    # --- Buyers ---
    ("GET", "coupon-batches"): Address("buyer"),
    ("POST", "coupon-batches/<uuid:reference>/claims"): Address("buyer", _ref("batch")),
    ("POST", "coupon-codes/claims"): Address("buyer", body=bodies.code),
    ("GET", "basket"): Address("buyer"),
    ("PUT", "basket"): Address(
        "buyer", body=lambda w: {"lines": [{"sku": str(w.sku.reference), "quantity": 2}]}
    ),
    ("PUT", "basket/lines/<uuid:sku>"): Address(
        "buyer", _ref("sku", "sku"), lambda w: {"quantity": 2}
    ),
    # To take out what is not there is no mistake: it is not there afterwards.
    ("DELETE", "basket/lines/<uuid:sku>"): Address(
        "buyer", _ref("sku", "sku"), takes={"sku": {"unknown"}}
    ),
    ("POST", "quotes"): Address(
        "buyer",
        body=lambda w: {
            "lines": [{"sku": str(w.sku.reference), "quantity": 2}],
            "region": "310101",
            "coupons": [],
            "best_coupons": False,
        },
    ),
    ("GET", "orders"): Address("buyer"),
    ("POST", "orders"): Address("buyer", body=bodies.order),
    ("GET", "orders/<uuid:order>"): Address("buyer", _ref("order", "order")),
    ("POST", "orders/<uuid:order>/payments"): Address(
        "buyer", _ref("order", "order"), lambda w: {"provider": "sandbox"}
    ),
    ("POST", "orders/<uuid:order>/cancellation"): Address("buyer", _ref("order", "order")),
    ("GET", "shop-orders/<uuid:shop_order>/parcels"): Address(
        "buyer", _ref("shop_order", "shop_order")
    ),
    ("POST", "shop-orders/<uuid:shop_order>/receipt"): Address(
        "buyer", _ref("shop_order", "shop_order"), refused=409
    ),
    # --- Teams ---
    ("GET", "group-buys"): Address(None),
    ("GET", "group-buys/<uuid:group_buy>"): Address(None, _group_buy),
    ("POST", "group-buys/<uuid:group_buy>/teams"): Address("buyer", _group_buy, bodies.seat),
    ("GET", "teams/<uuid:team>"): Address(None, _ref("team", "team")),
    ("POST", "teams/<uuid:team>/members"): Address("buyer", _ref("team", "team"), bodies.seat),
    ("GET", "me/teams"): Address("buyer"),
    ("GET", "shops/<str:slug>/reductions"): Address(None, lambda w: {"slug": w.shop.slug}),
    ("GET", f"{SHOP}/reductions"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/reductions"): Address("seller", _ref("shop", "shop"), bodies.reduction),
    ("POST", f"{SHOP}/reductions/<uuid:reference>/ending"): Address(
        "seller",
        lambda w: {"shop": w.shop.reference, "reference": w.reduction.reference},
        lambda w: {"reason": "写错了"},
    ),
    ("GET", f"{SHOP}/enrolments"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/enrolments"): Address("seller", _ref("shop", "shop"), bodies.enrolment),
    ("POST", f"{SHOP}/enrolments/<uuid:reference>/withdrawal"): Address(
        "seller", lambda w: {"shop": w.shop.reference, "reference": w.enrolment.reference}
    ),
    ("GET", f"{SHOP}/group-buys"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/group-buys"): Address("seller", _ref("shop", "shop"), bodies.group_buy),
    ("POST", f"{SHOP}/group-buys/<uuid:group_buy>/calling-off"): Address(
        "seller",
        lambda w: _group_buy(w) | {"shop": w.shop.reference},
        lambda w: {"reason": "霜冻"},
    ),
    # --- Pre-sales ---
    ("GET", "presales"): Address(None),
    ("GET", "presales/<uuid:presale>"): Address(None, _presale),
    ("POST", "presales/<uuid:presale>/orders"): Address("buyer", _presale, bodies.preorder),
    ("GET", "me/preorders"): Address("buyer"),
    ("GET", f"{SHOP}/presales"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/presales"): Address("seller", _ref("shop", "shop"), bodies.presale),
    ("POST", "staff/presales/<uuid:presale>/default"): Address(
        "campaigner", _presale, lambda w: {"reason": "霜冻绝收"}
    ),
    # --- Flash sales ---
    ("GET", "flash-sales"): Address(None),
    ("GET", "flash-sales/<uuid:flash_sale>"): Address(None, _flash_sale),
    ("GET", f"{SHOP}/flash-sales"): Address("seller", _ref("shop", "shop")),
    ("POST", f"{SHOP}/flash-sales"): Address("seller", _ref("shop", "shop"), bodies.flash_sale),
    ("POST", f"{SHOP}/flash-sales/<uuid:flash_sale>/ending"): Address(
        "seller",
        lambda w: _flash_sale(w) | {"shop": w.shop.reference},
        lambda w: {"reason": "写错了"},
    ),
    ("GET", "staff/flash-sales"): Address("campaigner"),
    ("POST", "staff/flash-sales"): Address("campaigner", body=bodies.flash_sale),
    ("POST", "staff/flash-sales/<uuid:flash_sale>/ending"): Address(
        "campaigner", _flash_sale, lambda w: {"reason": "写错了"}
    ),
    # --- Staff ---
    ("GET", "staff/shops"): Address("reviewer"),
    ("GET", "staff/shops/<uuid:reference>"): Address("reviewer", _ref("waiting_shop")),
    ("POST", "staff/shops/<uuid:reference>/decisions"): Address(
        "reviewer", _ref("waiting_shop"), lambda w: {"decision": "REJECT", "reason": "看不清"}
    ),
    ("POST", "staff/shops/<uuid:reference>/licences/<uuid:licence>/decisions"): Address(
        "reviewer",
        lambda w: {"reference": w.waiting_shop.reference, "licence": w.licence.reference},
        lambda w: {"decision": "REVOKE", "reason": "看不清"},
    ),
    ("GET", "staff/sections"): Address("curator"),
    ("POST", "staff/sections"): Address(
        "curator",
        body=lambda w: {
            "slug": "autumn",
            "name": "秋收专区",
            "name_en": "Autumn",
            "intro": "新鲜",
            "position": 5,
            "rule": {"regions": ["420528"], "programmes": ["832"], "categories": ["citrus"]},
            **w.instants(opens_at=1, closes_at=9),
            "state": "DRAFT",
            "kind": "HALL",
            "partner": {"name": "长阳县农业农村局", "region": "420528"},
            "story": "清江画廊",
            "gi_mark": "AGI01234",
            "listings": [{"platform": "京东", "url": "https://changyang.jd.example/"}],
        },
    ),
    ("GET", "staff/sections/<str:slug>"): Address("curator", lambda w: {"slug": w.section.slug}),
    ("PATCH", "staff/sections/<str:slug>"): Address(
        "curator",
        lambda w: {"slug": w.section.slug},
        lambda w: {"name": "冬藏专区", "position": 6, "rule": {"regions": ["420000"]}},
    ),
    ("GET", "staff/sections/<str:slug>/pins"): Address(
        "curator", lambda w: {"slug": w.section.slug}
    ),
    ("POST", "staff/sections/<str:slug>/pins"): Address(
        "curator",
        lambda w: {"slug": w.section.slug},
        lambda w: {"product": str(w.product.reference), "position": 1},
    ),
    ("DELETE", "staff/sections/<str:slug>/pins"): Address(
        "curator", lambda w: {"slug": w.section.slug}, refused=400
    ),
    ("GET", "staff/sections/<str:slug>/items"): Address("curator", _slug("co_branded")),
    ("POST", "staff/sections/<str:slug>/items"): Address(
        "curator", _slug("co_branded"), lambda w: {"product": str(w.product.reference)}
    ),
    ("GET", "staff/sections/<str:slug>/items/<uuid:reference>"): Address("curator", _item),
    ("POST", "staff/sections/<str:slug>/items/<uuid:reference>/decisions"): Address(
        "curator", _item, lambda w: {"decision": "APPROVE", "reason": "合格"}
    ),
    ("GET", "staff/sections/<str:slug>/partners"): Address("curator", _slug("co_branded")),
    ("POST", "staff/sections/<str:slug>/partners"): Address(
        "curator", _slug("co_branded"), lambda w: {"phone": accounts.a_phone()}
    ),
    ("DELETE", "staff/sections/<str:slug>/partners/<uuid:person>"): Address(
        "curator",
        lambda w: {"slug": w.co_branded.slug, "person": w.partner.reference},
    ),
    ("GET", "staff/region-pairings"): Address("curator"),
    ("POST", "staff/region-pairings"): Address(
        "curator",
        body=lambda w: {
            "helper": "330000",
            "helped": "420000",
            "valid_from": "2026-01-01",
            "valid_until": "2030-01-01",
            "priority": 7,
            "reason": "东西部协作",
        },
    ),
    ("POST", "staff/region-pairings/<uuid:reference>/ending"): Address(
        "curator", _ref("pairing"), lambda w: {"on": "2030-01-01"}
    ),
    ("POST", "staff/programmes"): Address(
        "curator",
        body=lambda w: {
            "slug": "hubei-own",
            "name_zh": "湖北省级示范县",
            "name_en": "Model counties of Hubei",
            "source": "省政府文件",
            "region": "420000",
        },
    ),
    ("POST", "staff/programmes/<slug:slug>/regions"): Address(
        "curator",
        _slug("programme"),
        lambda w: {
            "region": "420528",
            "valid_from": "2026-01-01",
            "valid_until": "2030-01-01",
            "reason": "省政府文件",
        },
    ),
    ("POST", "staff/programmes/<slug:slug>/regions/<str:county>/ending"): Address(
        "curator",
        lambda w: {"slug": w.programme.slug, "county": "420527"},
        lambda w: {"on": "2030-01-01"},
    ),
    ("GET", "staff/brands"): Address("curator"),
    ("POST", "staff/brands"): Address(
        "curator",
        body=lambda w: {
            "county": "420528",
            "category": "citrus",
            "kind": "FLAGSHIP",
            "name": "长阳柑橘",
            "gi_mark": "AGI01234",
        },
    ),
    ("POST", "staff/brands/<uuid:reference>/retirement"): Address(
        "curator", _ref("brand"), lambda w: {"reason": "换标"}
    ),
    ("GET", "staff/brands/<uuid:reference>/authorisations"): Address("curator", _ref("authorised")),
    ("POST", "staff/brands/<uuid:reference>/authorisations"): Address(
        "curator", _ref("brand"), lambda w: {"shop": str(w.shop.reference)}
    ),
    ("DELETE", "staff/brands/<uuid:reference>/authorisations/<uuid:shop>"): Address(
        "curator",
        lambda w: {"reference": w.authorised.reference, "shop": w.shop.reference},
    ),
    ("PUT", "seller/products/<uuid:reference>/brand-mark"): Address(
        "seller", _ref("product"), lambda w: {"brand": str(w.authorised.reference)}
    ),
    ("DELETE", "seller/products/<uuid:reference>/brand-mark"): Address(
        "seller", lambda w: {"reference": w.mark.product.reference}
    ),
    # --- Partners ---
    ("GET", "partner/sections"): Address("partner"),
    ("GET", "partner/sections/<str:slug>/items"): Address("partner", _slug("co_branded")),
    ("GET", "partner/sections/<str:slug>/items/<uuid:reference>"): Address("partner", _item),
    ("POST", "partner/sections/<str:slug>/items/<uuid:reference>/decisions"): Address(
        "partner", _item, lambda w: {"decision": "APPROVE", "reason": "合格"}
    ),
    ("GET", "seller/products/<uuid:reference>/section-items"): Address("seller", _ref("product")),
    ("POST", "seller/products/<uuid:reference>/section-items"): Address(
        "seller", _ref("product"), lambda w: {"section": w.co_branded.slug}
    ),
    ("GET", "staff/coupon-budgets"): Address("campaigner"),
    ("POST", "staff/coupon-budgets"): Address(
        "campaigner",
        body=lambda w: {
            "name": "秋收预算",
            "funder": "PLATFORM",
            "organisation": "",
            "total_fen": 1_000_000,
            "daily_cap_fen": 100_000,
        },
    ),
    ("GET", "staff/coupon-budgets/<uuid:reference>"): Address("campaigner", _ref("budget")),
    ("PATCH", "staff/coupon-budgets/<uuid:reference>"): Address(
        "campaigner", _ref("budget"), lambda w: {"total_fen": 20_000_000, "daily_cap_fen": None}
    ),
    ("GET", "staff/coupon-budgets/<uuid:reference>/officers"): Address(
        "campaigner", _ref("funded")
    ),
    ("POST", "staff/coupon-budgets/<uuid:reference>/officers"): Address(
        "campaigner", _ref("funded"), lambda w: {"phone": accounts.a_phone()}
    ),
    ("DELETE", "staff/coupon-budgets/<uuid:reference>/officers/<uuid:person>"): Address(
        "campaigner",
        lambda w: {"person": w.officer.reference, "reference": w.funded.reference},
    ),
    ("GET", "funder/budgets"): Address("officer"),
    ("GET", "funder/budgets/<uuid:reference>"): Address("officer", _ref("funded")),
    ("GET", "funder/budgets/<uuid:reference>/batches"): Address("officer", _ref("funded")),
    ("GET", "funder/budgets/<uuid:reference>/movements"): Address("officer", _ref("funded")),
    ("GET", "staff/campaigns"): Address("campaigner"),
    ("POST", "staff/campaigns"): Address("campaigner", body=bodies.campaign),
    ("GET", "staff/campaigns/<str:slug>"): Address("campaigner", _slug("planned_campaign")),
    ("PATCH", "staff/campaigns/<str:slug>"): Address(
        "campaigner", _slug("planned_campaign"), lambda w: {"name": "年货节", "budget": None}
    ),
    ("POST", "staff/campaigns/<str:slug>/transitions"): Address(
        "campaigner",
        _slug("planned_campaign"),
        lambda w: {"action": "schedule", "reason": "开始"},
    ),
    ("GET", "staff/campaigns/<str:slug>/enrolments"): Address("campaigner", _slug("campaign")),
    ("POST", "staff/campaigns/<str:slug>/decisions"): Address(
        "campaigner",
        _slug("campaign"),
        lambda w: {
            "decision": "REJECT",
            "reason": "图片不清",
            "enrolments": [str(w.enrolment.reference)],
        },
    ),
    ("POST", "staff/enrolments/<uuid:reference>/decisions"): Address(
        "campaigner", _ref("enrolment"), lambda w: {"decision": "APPROVE", "reason": "合格"}
    ),
    ("GET", "staff/coupon-batches"): Address("campaigner"),
    ("POST", "staff/coupon-batches"): Address(
        "campaigner", body=lambda w: bodies.batch(w, bodies.platform_funding(w), issuer="PLATFORM")
    ),
    ("GET", "staff/coupon-batches/<uuid:reference>"): Address("campaigner", _ref("batch")),
    ("PATCH", "staff/coupon-batches/<uuid:reference>"): Address(
        "campaigner", _ref("drafted"), lambda w: {"quantity": 200}
    ),
    ("POST", "staff/coupon-batches/<uuid:reference>/transitions"): Address(
        "campaigner", _ref("drafted"), lambda w: {"action": "submit", "reason": "开始"}
    ),
    ("GET", "staff/coupon-batches/<uuid:reference>/outlook"): Address(
        "campaigner", _ref("drafted")
    ),
    ("GET", "staff/coupon-batches/<uuid:reference>/codes"): Address("campaigner", _ref("coded")),
    ("GET", "staff/coupon-batches/<uuid:reference>/code-run"): Address("campaigner", _ref("coded")),
    ("POST", "staff/coupon-batches/<uuid:reference>/code-run"): Address(
        "campaigner", _ref("coded")
    ),
    ("POST", "staff/coupon-batches/<uuid:reference>/code-run/transitions"): Address(
        "campaigner", _ref("coding"), lambda w: {"action": "stop", "reason": "停一停"}
    ),
    ("POST", "staff/coupons/<uuid:reference>/voiding"): Address(
        "operator", _ref("coupon"), lambda w: {"reason": "刷券"}
    ),
    ("POST", "staff/traces/<uuid:reference>/ring/voiding"): Address(
        "operator", _ref("trace"), lambda w: {"reason": "刷券"}
    ),
    ("GET", "staff/traces"): Address("operator"),
    ("GET", "staff/traces/<uuid:reference>/ring"): Address("operator", _ref("trace")),
    ("GET", "staff/dispatch-holds"): Address("operator"),
    ("POST", "staff/dispatch-holds"): Address(
        "operator",
        body=lambda w: {
            "region": "540000",
            "kind": "NO_SHIP",
            **w.instants(starts_at=1, ends_at=9),
            "reason": "防控",
        },
    ),
    ("POST", "staff/dispatch-holds/<uuid:reference>/lifting"): Address(
        "operator", _ref("hold"), lambda w: {"reason": "解除"}
    ),
    ("GET", "reports/region-sales"): Address("reader"),
    ("GET", "reports/pairings"): Address("reader"),
    ("GET", "reports/campaigns"): Address("reader"),
    # --- Those who call us back ---
    ("POST", "payments/<slug:provider>/callbacks"): Address(
        None, lambda w: {"provider": "sandbox"}, lambda w: {"event_id": str(uuid4())}, refused=401
    ),
    ("POST", "logistics/<slug:carrier>/callbacks"): Address(
        None, lambda w: {"carrier": "sandbox"}, lambda w: {"event_id": str(uuid4())}, refused=401
    ),
    ("POST", "sandbox/payments/<uuid:payment>/capture"): Address(
        None, _ref("payment", "payment"), lambda w: {"callback": "NEVER", "delay_s": 5}
    ),
    ("POST", "sandbox/parcels/<uuid:parcel>/events"): Address(
        None, _ref("parcel", "parcel"), lambda w: {"state": "COLLECTED"}
    ),
    ("GET", "seller/freight-templates/<uuid:template>"): Address(
        "seller", _ref("template", "template")
    ),
    ("PATCH", "seller/freight-templates/<uuid:template>"): Address(
        "seller", _ref("template", "template"), lambda w: bodies.template("改过的模板")
    ),
    # A file, not JSON: tests/core/uploads spoils files.
    ("POST", "uploads"): Address("seller", refused=400),
}
