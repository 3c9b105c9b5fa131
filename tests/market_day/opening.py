"""The morning: farmers open shops, staff review them, goods go on sale."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.market_day import cast
from tests.market_day.client import Client, Counter, Upload

SHANGHAI_AND_AROUND = ["310000", "320000", "330000"]


@dataclass
class Stall:
    """An open shop, as the market knows it."""

    id: str
    county: cast.County
    client: Client
    skus: list[dict[str, Any]] = field(default_factory=list)


def open_shops(
    url: str, counter: Counter, staff: Client, *, farmers: int, products: int, seed: int
) -> list[Stall]:
    """Open shops in every county and put their goods on sale; return them in the farmers' order."""
    categories = {row["slug"]: row["id"] for row in staff.pages("/categories")}
    with ThreadPoolExecutor(max_workers=8) as crew:
        stalls = list(crew.map(lambda number: _found(url, counter, number), range(farmers)))
        for stall in stalls:
            staff.post(
                f"/staff/shops/{stall.id}/decisions",
                {"decision": "APPROVE", "reason": "papers are complete"},
            )
        shares = [products // farmers + (n < products % farmers) for n in range(farmers)]
        jobs = [
            (stall, share, seed + n)
            for n, (stall, share) in enumerate(zip(stalls, shares, strict=True))
        ]
        list(crew.map(lambda job: _stock_up(*job, categories), jobs))
    return stalls


def _found(url: str, counter: Counter, number: int) -> Stall:
    county = cast.COUNTIES[number % len(cast.COUNTIES)]
    client = Client(url, counter)
    client.sign_in(cast.farmer_phone(number))
    shop = client.post(
        "/seller/shops",
        {
            "name": f"{county.name}{cast.farmer_name(number)}家的果园{number + 1}号",
            "kind": "FARMER",
            "region": county.code,
            "intro": f"{county.name}本地农户，自家种植，现摘现发。",
        },
    )
    for kind in ("IDENTITY", "ORIGIN_DECLARATION"):
        upload = client.post(
            "/uploads", Upload("LICENCE", f"{kind}.png", "image/png", cast.photo(number))
        )
        client.post(
            f"/seller/shops/{shop['id']}/licences",
            {"kind": kind, "number": f"{kind[:2]}{number:06d}", "upload": upload["id"]},
        )
    client.post(f"/seller/shops/{shop['id']}/submission")
    return Stall(id=shop["id"], county=county, client=client)


def _stock_up(stall: Stall, products: int, seed: int, categories: dict[str, str]) -> None:
    dice = random.Random(seed)
    template = stall.client.post(f"/seller/shops/{stall.id}/freight-templates", _template(dice))
    for number in range(products):
        good = stall.county.goods[number % len(stall.county.goods)]
        product = stall.client.post(
            f"/seller/shops/{stall.id}/products",
            _product(stall.county, good, number, categories, template["id"], dice),
        )
        stall.client.post(f"/seller/products/{product['id']}/publication")
        stall.skus += product["skus"]


def _product(
    county: cast.County,
    good: cast.Good,
    number: int,
    categories: dict[str, str],
    template: str,
    dice: random.Random,
) -> dict[str, Any]:
    skus = []
    for share in (1, 2):
        net_g = good.grams * share // 2
        price_fen = max(100, good.fen_per_kg * net_g // 1_000 * dice.randint(90, 115) // 100)
        skus.append(
            {
                "spec": f"{net_g / 1000:g} kg",
                "price_fen": price_fen // 10 * 10 + 9,
                "net_weight_g": net_g,
                "gross_weight_g": net_g + 150 + net_g // 20,
                "stock": dice.randint(40, 120),
            }
        )
    return {
        "title": f"{county.name}{good.name} {cast.GRADES[number % len(cast.GRADES)]}",
        "category": categories[good.category],
        "origin": county.code,
        "description": f"产自{county.name}，{good.name}当季上市，坏果包赔。",
        "product_class": good.made,
        "temp_class": "AMBIENT",
        "shelf_life_days": 30,
        "freight_template": template if number % 4 else None,
        "skus": skus,
    }


def _template(dice: random.Random) -> dict[str, Any]:
    first_fen = dice.choice([600, 800, 1_000])
    return {
        "name": "普通快递",
        "charge_by": "WEIGHT",
        "mode": "PAID",
        "rules": [
            {
                "regions": [],
                "first_unit": 1_000,
                "first_fee_fen": first_fen,
                "add_unit": 1_000,
                "add_fee_fen": 200,
            },
            {
                "regions": SHANGHAI_AND_AROUND,
                "first_unit": 3_000,
                "first_fee_fen": first_fen - 200,
                "add_unit": 1_000,
                "add_fee_fen": 100,
            },
        ],
        "no_ship_regions": ["540000", "650000"],
    }
