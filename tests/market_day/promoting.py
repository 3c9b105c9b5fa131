"""Noon: an official's budget, a platform coupon that shops help to pay, one that runs out soon."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from tests.market_day.client import Client
from tests.market_day.opening import Stall

SHORT_S = 45


def announce(staff: Client, stalls: list[Stall]) -> list[str]:
    """Put three batches to work and let the shops join; return the batches to claim from."""
    now = datetime.now(UTC)
    budget = staff.post(
        "/staff/coupon-budgets",
        {"name": "湖北农产品消费券", "funder": "PLATFORM", "total_fen": 2_000_000},
    )["id"]
    county = staff.post(
        "/staff/coupon-budgets",
        {
            "name": "脱贫县助农资金",
            "funder": "GOVERNMENT",
            "organisation": "秭归县乡村振兴局",
            "total_fen": 500_000,
        },
    )["id"]
    shared = _batch(
        staff,
        now,
        {
            "name": "满60减8",
            "kind": "FULL_REDUCTION",
            "threshold_fen": 6_000,
            "amount_fen": 800,
            "quantity": 1_000,
            "funding": [
                {"funder": "PLATFORM", "bp": 7_000, "budget": budget},
                {"funder": "SHOP", "bp": 3_000},
            ],
        },
    )
    percent = _batch(
        staff,
        now,
        {
            "name": "脱贫县八五折",
            "kind": "DISCOUNT",
            "discount_bp": 1_500,
            "max_discount_fen": 2_000,
            "quantity": 150,
            "scope": {"programmes": ["832"]},
            "funding": [{"funder": "GOVERNMENT", "bp": 10_000, "budget": county}],
        },
    )
    fleeting = _batch(
        staff,
        now,
        {
            "name": "限时立减3元",
            "kind": "DIRECT",
            "amount_fen": 300,
            "quantity": 1_000,
            "use_until": (now + timedelta(seconds=SHORT_S)).isoformat(),
            "claim_until": (now + timedelta(seconds=SHORT_S)).isoformat(),
            "funding": [{"funder": "PLATFORM", "bp": 10_000, "budget": budget}],
        },
    )

    def join(stall: Stall) -> None:
        stall.client.post(f"/seller/shops/{stall.id}/accepted-batches", {"batch": shared})

    with ThreadPoolExecutor(max_workers=8) as crew:
        list(crew.map(join, stalls))
    return [shared, percent, fleeting]


def _batch(staff: Client, now: datetime, terms: dict[str, object]) -> str:
    batch = staff.post(
        "/staff/coupon-batches",
        {
            "issuer": "PLATFORM",
            "commit_mode": "AT_CLAIM",
            "scope": {},
            "per_user_limit": 1,
            "claim_from": (now - timedelta(seconds=1)).isoformat(),
            "claim_until": (now + timedelta(hours=2)).isoformat(),
            "use_from": (now - timedelta(seconds=1)).isoformat(),
            "use_until": (now + timedelta(hours=6)).isoformat(),
            "allow_on_activity_price": False,
            **terms,
        },
    )["id"]
    for action in ("submit", "approve"):
        staff.post(f"/staff/coupon-batches/{batch}/transitions", {"action": action})
    return str(batch)
