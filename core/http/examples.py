"""Examples for the fields that every reader of the API document tries first."""

from typing import Any

# Rows of the demonstration market whose ids never change, so that examples can be pasted.
SKU = "1afb8bf5-001a-5f38-9ba3-39539c4b4cf2"
PRODUCT = "55a4fe3a-e72c-52c8-9888-dca6671e4578"
SHOP = "515324ca-7db1-5aea-853d-5051156e04f5"
BATCH = "5dc7823a-4278-5d10-a3d2-f3ee1538bf33"
ADDRESS = "0492bace-8c63-5845-93aa-0ff6fdfe97d2"

# By the name of a field: the same name means the same kind of thing everywhere.
EXAMPLES: dict[str, Any] = {
    "phone": "+8613900000003",
    "recipient": "王小明",
    "street": "文昌路 1 号",
    "region": "420527",
    "origin": "420527",
    "category": "citrus",
    "title": "秭归脐橙",
    "spec": "5 斤装",
    "price_fen": 1_990,
    "net_weight_g": 2_500,
    "gross_weight_g": 2_800,
    "stock": 100,
    "quantity": 1,
    "change": 5,
    "provider": "sandbox",
    "carrier": "sandbox",
    "waybill_no": "SF1234567890",
    "shelf_life_days": 30,
    "total_fen": 1_000_000,
    "threshold_fen": 20_000,
    "amount_fen": 3_000,
    "per_user_limit": 1,
    "bp": 10_000,
    "claim_from": "2026-11-01T00:00:00+08:00",
    "claim_until": "2026-12-01T00:00:00+08:00",
    "use_until": "2026-12-31T00:00:00+08:00",
    "valid_from": "2026-01-01",
    "valid_until": "2030-01-01",
    "on": "2026-11-11",
    "from": "2026-11-01",
    "to": "2026-12-01",
    "sections": ["hubei"],
    "regions": ["420000"],
    "programmes": ["832"],
    "expected_payable_fen": 3_980,
    "remark": "请轻放",
    "reason": "盘点",
}

# Whole bodies, in the order in which a newcomer would paste them.
CODE = {"phone": "+8613900000003"}
PLACE = {
    "recipient": "王小明",
    "phone": "+8613900000003",
    "region": "310101",
    "street": "人民路 1 号",
    "is_default": False,
}
QUOTE = {"lines": [{"sku": SKU, "quantity": 2}], "region": "310101", "best_coupons": True}
BASKET = {"lines": [{"sku": SKU, "quantity": 1}]}
# Two boxes of 59.90; 10.4 kg to Shanghai cost 8.00 and ten times 2.00.
ORDER = {
    "lines": [{"sku": SKU, "quantity": 2}],
    "address": ADDRESS,
    "coupons": [],
    "expected_payable_fen": 14_780,
    "remark": "请轻放",
}
PAYMENT = {"provider": "sandbox"}
CAPTURE = {"callback": "SEND", "delay_s": 0, "even_if_closed": False}
NEW_SHOP = {
    "name": "秭归李大哥果园",
    "kind": "FARMER",
    "region": "420527",
    "intro": "自家种植，现摘现发。",
}
