"""Somebody at an address of their own, with an id of somebody else's inside: it opens nothing."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from core.uploads.models import Purpose
from tests.factories import accounts, catalogue, coupons, orders, storefronts, uploads
from tests.support import bodies
from tests.support.rows import everything
from tests.support.town import ELSEWHERE, Town

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(120)]


class Neighbours(Town):
    """A town in which the rival has one of everything that the seller has."""

    def __init__(self):
        super().__init__()
        self.settle()
        self.rivals_shop = storefronts.open_shop(owner=self.rival)
        self.rivals_product = catalogue.a_product(self.rivals_shop)
        self.strangers_address = accounts.an_address(self.stranger)
        self.official_far = self.official(ELSEWHERE)
        self.other_waiting = storefronts.with_papers(storefronts.a_shop())
        self.seen = str(uploads.an_upload(self.seller, Purpose.PHOTO, at=self.now).reference)
        self.coupons_line = {"sku": str(self.sku.reference), "quantity": 1}

    def goods(self, **changes):
        return bodies.goods(self) | changes

    def coupons_for(self, **scope):
        wanted = bodies.batch(self, [{"funder": "SHOP", "bp": 10_000}])
        return wanted | {"scope": wanted["scope"] | scope}


def places_an_order(town, **borrowed):
    return {
        "lines": [town.coupons_line],
        "address": str(town.strangers_address.reference),
        "coupons": [],
        "expected_payable_fen": 1_990,
        "remark": "",
    } | borrowed


# Who, the call, its body, and what is heard: the same as for an id that nobody ever had.
BORROWED = {
    "quote to somebody's address": (
        "stranger", "POST quotes",
        lambda t: {"lines": [t.coupons_line], "address": str(t.address.reference)},
        (404, "NOT_FOUND"),
    ),
    "quote with somebody's coupon": (
        "stranger", "POST quotes",
        lambda t: {"lines": [t.coupons_line], "region": "310101", "coupons": [t.coupon_id]},
        (404, "NOT_FOUND"),
    ),
    "order to somebody's address": (
        "stranger", "POST orders",
        lambda t: places_an_order(t, address=str(t.address.reference)),
        (404, "NOT_FOUND"),
    ),
    "order with somebody's coupon": (
        "stranger", "POST orders",
        lambda t: places_an_order(t, coupons=[t.coupon_id]),
        (404, "NOT_FOUND"),
    ),
    "goods sent by another shop's template": (
        "rival", "POST seller/shops/{rivals_shop}/products",
        lambda t: t.goods(freight_template=str(t.template.reference)),
        (400, "INVALID_INPUT"),
    ),
    "goods changed to another shop's template": (
        "rival", "PATCH seller/products/{rivals_product}",
        lambda t: {"freight_template": str(t.template.reference)},
        (400, "INVALID_INPUT"),
    ),
    "goods with somebody's photo": (
        "rival", "POST seller/shops/{rivals_shop}/products",
        lambda t: t.goods(photos=[t.seen]),
        (404, "NOT_FOUND"),
    ),
    "a paper with somebody's file": (
        "rival", "POST seller/shops/{rivals_shop}/licences",
        lambda t: {"kind": "FOOD_FILING", "number": "JY1", "upload": t.upload()},
        (404, "NOT_FOUND"),
    ),
    "another shop's batch under one's own shop": (
        "rival", "PATCH seller/shops/{rivals_shop}/coupon-batches/{shops_batch}",
        lambda t: {"quantity": 200},
        (404, "NOT_FOUND"),
    ),
    "putting another shop's batch to work": (
        "rival", "POST seller/shops/{rivals_shop}/coupon-batches/{shops_batch}/transitions",
        lambda t: {"action": "submit"},
        (404, "NOT_FOUND"),
    ),
    "bearing a part of another shop's batch": (
        "rival", "POST seller/shops/{rivals_shop}/accepted-batches",
        lambda t: {"batch": str(t.shops_batch.reference)},
        (404, "NOT_FOUND"),
    ),
    "coupons on another shop's goods": (
        "rival", "POST seller/shops/{rivals_shop}/coupon-batches",
        lambda t: t.coupons_for(products=[str(t.draft.reference)]),
        (400, "INVALID_INPUT"),
    ),
    "coupons in another shop": (
        "rival", "POST seller/shops/{rivals_shop}/coupon-batches",
        lambda t: t.coupons_for(shops=[str(t.shop.reference)]),
        (400, "INVALID_INPUT"),
    ),
    "coupons from the platform's budget": (
        "rival", "POST seller/shops/{rivals_shop}/coupon-batches",
        lambda t: bodies.batch(t, bodies.platform_funding(t)),
        (400, "INVALID_INPUT"),
    ),
    "sending away another shop's clerk": (
        "rival", "DELETE seller/shops/{rivals_shop}/members/{clerk}",
        None,
        (404, "NOT_FOUND"),
    ),
    "a parcel with a line of another order": (
        "seller", "POST seller/shop-orders/{own_shop_order}/parcels",
        lambda t: {
            "carrier": "sandbox", "waybill_no": "SF77",
            "lines": [{"line": str(t.other_line()), "quantity": 1}],
        },
        (400, "INVALID_INPUT"),
    ),
    "another shop's paper under one that waits": (
        "reviewer", "POST staff/shops/{other_waiting}/licences/{licence}/decisions",
        lambda t: {"decision": "REVOKE", "reason": "看不清"},
        (404, "NOT_FOUND"),
    ),
    "moving a section into another province": (
        "official_far", "POST staff/sections",
        lambda t: {"slug": "far", "name": "远", "rule": {"regions": ["420527"]}, "state": "DRAFT"},
        (403, "FORBIDDEN"),
    ),
}  # fmt: skip


def test_an_id_of_somebody_elses_opens_nothing():
    town, client = Neighbours(), Client()
    town.coupon_id = str(town.coupon.reference)
    other = orders.an_order(town.stranger, [(town.rivals_product, 1)], paid=True, now=town.now)
    town.other_line = lambda: other.shop_orders.get().lines.get().reference
    things = {
        name: getattr(town, name).reference
        for name in (
            "rivals_shop", "rivals_product", "shops_batch", "clerk", "own_shop_order", "licence",
            "other_waiting",
        )
    }  # fmt: skip
    people = {who: accounts.bearer(getattr(town, who)) for who, *_ in BORROWED.values()}
    heard, changed = {}, {}

    for name, (who, call, said, _) in BORROWED.items():
        method, path = call.format(**things).split(" ")
        body = json.dumps(said(town)) if said else ""
        before = everything()
        answer = client.generic(
            method,
            f"/api/v1/{path}",
            body,
            "application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid4()),
            **people[who],
        )
        heard[name] = (answer.status_code, answer.json().get("code", ""))
        if everything() != before:
            changed[name] = answer.getvalue()

    assert heard == {name: expected for name, (*_, expected) in BORROWED.items()}
    assert changed == {}


def test_the_rival_may_do_all_of_it_with_things_of_their_own():
    """Otherwise the refusals above might mean something else."""
    town, client = Neighbours(), Client()
    own = coupons.a_batch(town.rivals_shop, active=False, **town.windows)
    headers = accounts.bearer(town.rival)
    calls = {
        ("POST", f"seller/shops/{town.rivals_shop.reference}/products"): town.goods(),
        ("PATCH", f"seller/products/{town.rivals_product.reference}"): {"title": "新名"},
        ("POST", f"seller/shops/{town.rivals_shop.reference}/coupon-batches"): town.coupons_for(),
        (
            "PATCH",
            f"seller/shops/{town.rivals_shop.reference}/coupon-batches/{own.reference}",
        ): {"quantity": 200},
        ("POST", f"seller/shops/{town.rivals_shop.reference}/accepted-batches"): {
            "batch": str(town.shared.reference)
        },
    }

    answers = [
        client.generic(method, f"/api/v1/{path}", json.dumps(said), "application/json", **headers)
        for (method, path), said in calls.items()
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 201, 200, 201]
