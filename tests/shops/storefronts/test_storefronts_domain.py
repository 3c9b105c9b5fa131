"""What a seller needs, by the table of the rules, and what a shop's address is made of."""

import re
from uuid import UUID, uuid4

import pytest

from shops.storefronts.domain import licensing, slugs, states

KINDS = [kind for kind in licensing.ShopKind if kind != licensing.ShopKind.FARMER]


def test_a_farmer_shows_who_they_are_and_says_what_they_grow():
    assert licensing.to_open("FARMER") == ("IDENTITY", "ORIGIN_DECLARATION")
    assert licensing.to_sell("FARMER", "HANDICRAFT") == {"IDENTITY"}
    assert licensing.to_sell("FARMER", "PREPACKAGED") == {"BUSINESS_LICENCE", "FOOD_FILING"}
    assert licensing.to_sell("FARMER", "PROCESSED") is None


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_else_has_a_business_licence_and_raw_produce_needs_no_permit(kind):
    assert licensing.to_open(kind) == ("BUSINESS_LICENCE",)
    assert licensing.to_sell(kind, "RAW_PRODUCE") == {"BUSINESS_LICENCE"}
    assert licensing.to_sell(kind, "PREPACKAGED") == {"BUSINESS_LICENCE", "FOOD_FILING"}
    assert licensing.to_sell(kind, "PROCESSED") == {"BUSINESS_LICENCE", "FOOD_PERMIT"}
    assert licensing.to_sell(kind, "HANDICRAFT") == {"BUSINESS_LICENCE"}


def test_a_checklist_speaks_both_languages():
    items = licensing.checklist("FARMER", {"IDENTITY"})

    assert [(item.code, item.is_done) for item in items] == [
        ("IDENTITY", True),
        ("ORIGIN_DECLARATION", False),
    ]
    assert all(item.en.isascii() and not item.zh.isascii() for item in items)


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("秭归脐橙", "zi-gui-qi-cheng"),
        ("老王家的Farm 2号", "lao-wang-jia-de-farm-2-hao"),
        ("🍊🍊", "shop"),
        ("!!!", "shop"),
    ],
)
def test_a_slug_is_the_name_in_pinyin_with_a_tail(name, base):
    slug = slugs.slug_of(name, UUID(int=7))

    assert slug == f"{base}-92222222"


def test_slugs_of_one_name_differ_and_fit():
    made = {slugs.slug_of("果" * 40, uuid4()) for _ in range(500)}

    assert len(made) == 500
    assert all(re.fullmatch(r"[a-z0-9-]{1,80}", slug) for slug in made)


def test_nothing_happens_to_a_shop_that_is_not_written_down():
    assert {state: states.SHOP.actions_in(state) for state in states.ShopState.values} == {
        "DRAFT": ["submit"],
        "IN_REVIEW": ["approve", "reject"],
        "OPEN": ["suspend"],
        "REJECTED": ["submit"],
        "SUSPENDED": ["reopen"],
    }
