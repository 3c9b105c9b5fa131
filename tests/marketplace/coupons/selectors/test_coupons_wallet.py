"""The wallet: terms that price a basket, with two statements, and nobody else's coupons."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from core.errors import NotFound
from marketplace.coupons.domain import discounts
from marketplace.coupons.domain.discounts import PricedLine, Scope
from marketplace.coupons.domain.drafts import WantedFunding, WantedScope
from marketplace.coupons.models import BatchScope
from marketplace.coupons.selectors import wallet
from marketplace.coupons.services import acceptance, redemption
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.coupons import SYSTEM, a_batch, a_budget, a_coupon
from tests.factories.sections import a_section
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db


def test_terms_say_everything_that_prices_a_basket(now):
    shop, other, budget, user = open_shop(), open_shop(), a_budget(), a_user()
    product, section = a_product(shop), a_section()
    batch = a_batch(
        accepted_by=[shop, other],
        funding=(
            WantedFunding("PLATFORM", 7_000, budget.reference),
            WantedFunding("SHOP", 3_000),
        ),
        scope=WantedScope(
            sections=(section.slug,),
            programmes=("832",),
            categories=(product.category.slug,),
            products=(product.reference,),
            shops=(str(shop.reference), other.slug),
        ),
    )
    coupon = a_coupon(user, batch, now)

    owned = wallet.terms_of(user.pk, [coupon.reference], now)[0]

    assert (owned.reference, owned.state) == (str(coupon.reference), "UNUSED")
    assert owned.terms.scope == Scope(
        sections=frozenset({section.pk}),
        programmes=frozenset({"832"}),
        categories=frozenset({product.category_id}),
        products=frozenset({product.pk}),
        shops=frozenset({shop.pk, other.pk}),
    )
    assert owned.terms.accepted_shop_ids == {shop.pk, other.pk}
    assert [(part.funder, part.bp) for part in owned.terms.funding] == [
        ("PLATFORM", 7_000),
        ("SHOP", 3_000),
    ]
    assert owned.terms.funding[0].budget_reference == str(budget.reference)
    among = wallet.Among([shop.pk], [])
    narrowed = wallet.terms_of(user.pk, [coupon.reference], now, among=among)[0]
    assert narrowed.terms.accepted_shop_ids == {shop.pk}


def test_a_region_in_scope_counts_for_everything_below_it(now):
    user = a_user()
    coupon = a_coupon(user, a_batch(scope=WantedScope(regions=("420000",))), now)
    line = PricedLine(
        key="1",
        shop_id=1,
        sku_id=1,
        product_id=1,
        category_path=(1,),
        origin_codes=("420527", "420500", "420000"),
        section_ids=(),
        programmes=(),
        amount_fen=25_000,
        sale_fen=25_000,
        quantity=1,
    )

    terms = wallet.terms_of(user.pk, [coupon.reference], now)[0].terms

    assert discounts.discount_of(terms, [line]).by_funder == {"PLATFORM": 3_000}


def test_reading_terms_costs_two_statements_however_many_coupons(now, queries_of):
    user = a_user()
    references = [a_coupon(user, a_batch(), now).reference for _ in range(4)]

    assert queries_of(lambda: wallet.terms_of(user.pk, references[:1], now)) == 2
    assert queries_of(lambda: wallet.terms_of(user.pk, references, now)) == 2
    assert queries_of(lambda: wallet.usable_terms(user.pk, now)) == 2
    assert queries_of(lambda: wallet.terms_of(user.pk, [], now)) == 0


def test_coupons_of_other_shops_never_keep_one_out_that_counts(now, monkeypatch):
    user, shop = a_user(), open_shop()
    until = {"claim_until": now + timedelta(days=1), "use_until": now + timedelta(days=2)}
    for _ in range(2):
        a_coupon(user, a_batch(open_shop(), **until), now)
    ours, platforms = a_coupon(user, a_batch(shop), now), a_coupon(user, a_batch(), now)
    monkeypatch.setattr(wallet, "USABLE_MAX", 3)

    among = wallet.Among([shop.pk], [])
    found = [terms.coupon_reference for terms in wallet.usable_terms(user.pk, now, among=among)]

    # In the order in which they run out: the one strange coupon that still had room comes first.
    assert found[1:] == [str(ours.reference), str(platforms.reference)]
    assert len(wallet.usable_terms(user.pk, now)) == 3


def test_somebody_elses_coupon_is_not_there(now):
    mine, theirs = a_coupon(a_user(), a_batch(), now), a_coupon(a_user(), a_batch(), now)

    for strange in (theirs.reference, uuid4()):
        with pytest.raises(NotFound) as refusal:
            wallet.terms_of(mine.user_id, [mine.reference, strange], now)
        assert refusal.value.facts["coupons"] == [str(strange)]


def test_only_what_an_order_could_use_now_is_usable(now):
    user = a_user()
    batch = a_batch(per_user_limit=2, use_until=None, days_after_claim=1)
    usable, locked = a_coupon(user, batch, now), a_coupon(user, batch, now)
    a_coupon(user, a_batch(use_from=now + timedelta(days=1)), now)
    with transaction.atomic():
        redemption.lock([locked.reference], user_id=user.pk, order_reference=uuid4(), now=now)

    found = wallet.usable_terms(user.pk, now)
    late = wallet.usable_terms(user.pk, usable.valid_until)
    owned = wallet.terms_of(user.pk, [usable.reference, locked.reference], now)

    assert [terms.coupon_reference for terms in found] == [str(usable.reference)]
    assert str(usable.reference) not in [terms.coupon_reference for terms in late]
    assert [coupon.is_usable(now) for coupon in owned] == [True, False]
    assert not owned[0].is_usable(usable.valid_until)


def test_a_shop_that_accepts_later_joins_coupons_claimed_before(now):
    user, shop = a_user(), open_shop()
    batch = a_batch(funding=(WantedFunding("SHOP", 10_000),))
    coupon = a_coupon(user, batch, now)
    assert wallet.terms_of(user.pk, [coupon.reference], now)[0].terms.accepted_shop_ids == set()

    with transaction.atomic():
        acceptance.accept(batch.reference, shop=shop, actor=SYSTEM, now=now)

    terms = wallet.terms_of(user.pk, [coupon.reference], now)[0].terms
    assert terms.accepted_shop_ids == {shop.pk}


def line_of(product):
    return PricedLine(
        key=str(product.pk),
        shop_id=product.shop_id,
        sku_id=product.pk,
        product_id=product.pk,
        category_path=(product.category_id,),
        origin_codes=(),
        section_ids=(),
        programmes=(),
        amount_fen=25_000,
        sale_fen=25_000,
        quantity=1,
    )


def test_among_what_is_in_a_basket_a_batch_counts_for_the_same_goods(now):
    first, second = open_shop(), open_shop()
    goods = [a_product(shop) for shop in (first, first, second)]
    scopes = [
        WantedScope(),
        WantedScope(products=(goods[0].reference,)),
        WantedScope(products=tuple(one.reference for one in goods)),
        WantedScope(shops=(first.slug,)),
        WantedScope(shops=(second.slug,), products=(goods[0].reference, goods[2].reference)),
        WantedScope(regions=("420000",), shops=(first.slug,)),
    ]
    user = a_user()
    coupons = [a_coupon(user, a_batch(scope=scope), now).reference for scope in scopes]

    for chosen in ([goods[0]], [goods[1]], [goods[2]], goods):
        among = wallet.Among({one.shop_id for one in chosen}, {one.pk for one in chosen})
        lines = [line_of(one) for one in chosen]
        whole = wallet.terms_of(user.pk, coupons, now)
        narrow = wallet.terms_of(user.pk, coupons, now, among=among)
        for one, other in zip(whole, narrow, strict=True):
            counts = discounts.eligible(one.terms, lines)
            assert discounts.eligible(other.terms, lines) == counts
            best = wallet.usable_terms(user.pk, now, among=among)
            assert len(best) == len(scopes)


def plan_of(batch, products, shops, now):
    asked = {
        "batches": [batch.pk],
        "products": [one.pk for one in products],
        "shops": [one.pk for one in shops],
        "today": now.date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {wallet._PARTS_AMONG}", asked)
        (plan,) = cursor.fetchone()
    return plan[0]["Plan"]


def nodes_of(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes_of(inner)


def test_a_quote_reads_of_two_thousand_products_only_those_in_the_basket(now):
    shop = open_shop()
    goods = [a_product(shop) for _ in range(3)]
    batch = a_batch(scope=WantedScope(products=tuple(one.reference for one in goods)))
    rows = BatchScope.objects.filter(batch=batch)
    with connection.cursor() as cursor:
        # As many as a batch may name, of products that nobody needs to look at.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO coupons_batchscope (batch_id, by, region, programme, product_id)"
            " SELECT %s, 'PRODUCT', '', '', n FROM generate_series(1000001, 1001997) AS n",
            [batch.pk],
        )
        cursor.execute(
            "INSERT INTO coupons_batchscope (batch_id, by, region, programme, product_id)"
            " SELECT 1000000 + n / 2000, 'PRODUCT', '', '', n FROM generate_series(0, 59999) AS n"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE coupons_batchscope")
    assert rows.count() == 2_000

    plan = plan_of(batch, goods[:2], [shop], now)

    scans = [node for node in nodes_of(plan) if node.get("Relation Name") == "coupons_batchscope"]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Index Only Scan"}
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) <= 4
    assert sum(node.get("Rows Removed by Filter", 0) for node in scans) <= 1
