"""Bodies that are right, as a client would build them."""

from datetime import timedelta
from typing import Any

from tests.factories import catalogue, coupons
from tests.support.world import World


def template(name: str = "到付模板") -> dict[str, Any]:
    rule = {"first_unit": 1_000, "first_fee_fen": 800, "add_unit": 1_000, "add_fee_fen": 200}
    free = {"regions": ["310000"], "min_pieces": 3}
    return {
        "name": name,
        "charge_by": "WEIGHT",
        "mode": "CONDITIONAL",
        "rules": [{"regions": ["310000"], **rule}, rule],
        "free_rules": [free],
        "no_ship_regions": ["650000"],
        "promise_hours": 48,
    }


def batch(world: World, funding: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "name": "秋收满减",
        "kind": "FULL_REDUCTION",
        "commit_mode": "AT_CLAIM",
        "threshold_fen": 20_000,
        "amount_fen": 3_000,
        "scope": {
            "sections": [],
            "regions": ["420000"],
            "programmes": [],
            "categories": [],
            "products": [],
            "shops": [],
        },
        "quantity": 10,
        "per_user_limit": 1,
        **world.instants(claim_from=-1, claim_until=5, use_until=9),
        "funding": funding,
        "allow_on_activity_price": False,
        **more,
    }


def platform_funding(world: World) -> list[dict[str, Any]]:
    return [{"funder": "PLATFORM", "bp": 10_000, "budget": str(world.budget.reference)}]


def goods(world: World) -> dict[str, Any]:
    return {
        "title": "秭归脐橙",
        "category": str(catalogue.a_category().slug),
        "origin": "420527",
        "description": "第一行\n第二行",
        "product_class": "RAW_PRODUCE",
        "temp_class": "AMBIENT",
        "shelf_life_days": 30,
        "freight_template": None,
        "photos": [],
        "skus": [
            {
                "spec": "5斤装",
                "price_fen": 1_990,
                "net_weight_g": 2_500,
                "gross_weight_g": 2_800,
                "stock": 100,
            }
        ],
    }


def address() -> dict[str, Any]:
    return {
        "recipient": "王小明",
        "phone": "13812345678",
        "region": "310101",
        "street": "中山路 1 号",
        "is_default": True,
    }


def order(world: World) -> dict[str, Any]:
    return {
        "lines": [{"sku": str(world.sku.reference), "quantity": 2}],
        "address": str(world.address.reference),
        "coupons": [],
        "expected_payable_fen": 3_980,
        "remark": "轻放",
    }


def code(world: World) -> dict[str, Any]:
    return {"code": coupons.codes_of(world.coded)[0]}


def group_buy(world: World) -> dict[str, Any]:
    return {
        "sku": str(world.sku.reference),
        "price_fen": 990,
        "quantity": 5,
        "per_user_limit": 2,
        **world.instants(starts_at=1, ends_at=3),
        "team_size": 3,
        "team_hours": 24,
        "virtual_mode": "RATIO",
        "virtual_ratio_bp": 6_000,
    }


def presale(world: World) -> dict[str, Any]:
    return {
        "sku": str(world.sku.reference),
        "kind": "DEPOSIT",
        "price_fen": 990,
        "quantity": 5,
        "per_user_limit": 2,
        **world.instants(starts_at=5, ends_at=6, balance_from=7, balance_until=8),
        **world.instants(ship_from=9, ship_until=10),
        "deposit_fen": 100,
        "deposit_worth_fen": 150,
        "forecast_g": 1_000_000,
        "factor_bp": 8_000,
        "default_rule": "SINGLE",
        "compensation_fen": 100,
    }


def preorder(world: World) -> dict[str, Any]:
    return {
        "quantity": 1,
        "address": str(world.address.reference),
        "expected_payable_fen": 7_800,
        "remark": "请轻放",
    }


def reduction(world: World) -> dict[str, Any]:
    return {
        "name": "秋收满减",
        **world.instants(starts_at=20, ends_at=30),
        "tiers": [
            {"threshold_fen": 5_000, "amount_fen": 500},
            {"threshold_pieces": 3, "amount_fen": 800},
        ],
        "products": [str(world.product.reference)],
        "allow_on_activity_price": False,
    }


def campaign(world: World) -> dict[str, Any]:
    return {
        "slug": "double-eleven",
        "kind": "FESTIVAL",
        "name": "双十一",
        "name_en": "Singles Day",
        "intro": "产地直供",
        "intro_en": "Straight from where it grows",
        "section": world.section.slug,
        "budget": str(world.budget.reference),
        "organisation": "湖北省农业农村厅",
        **world.instants(enrol_from=1, enrol_until=5, preheats_at=6, starts_at=7, ends_at=9),
    }


def enrolment(world: World) -> dict[str, Any]:
    return {
        "campaign": world.campaign.slug,
        "sku": str(world.sku.reference),
        "price_fen": 990,
        "quantity": 5,
        "per_user_limit": 2,
    }


def flash_sale(world: World) -> dict[str, Any]:
    return {
        "sku": str(world.sku.reference),
        "price_fen": 990,
        "quantity": 5,
        "per_user_limit": 1,
        "starts_at": (world.now + timedelta(hours=1)).isoformat(),
        "ends_at": (world.now + timedelta(hours=20)).isoformat(),
    }


def seat(world: World) -> dict[str, Any]:
    return {
        "quantity": 1,
        "address": str(world.address.reference),
        "expected_payable_fen": 2_990,
        "remark": "请轻放",
    }
