"""Products from draft to sale and back: what services promise."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.audit.actors import Actor
from core.audit.models import StateLog
from core.errors import IllegalTransition
from core.outbox.models import Message
from core.uploads.models import Purpose
from shops.catalogue.domain.pricing import per_kg_fen
from shops.catalogue.models import Product, ProductCard
from shops.catalogue.selectors import sellable, tree
from shops.catalogue.services import categories, products, publication, unlicensed
from shops.storefronts.domain.licensing import ShopKind
from shops.storefronts.models import Licence
from shops.storefronts.services import reviewing
from tests.factories.accounts import a_user
from tests.factories.catalogue import LISTED, a_category, a_product
from tests.factories.storefronts import open_shop
from tests.factories.uploads import an_upload
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


def owner_of(product):
    return Actor(user_id=product.shop.members.get(role="OWNER").user_id)


def topics():
    return list(Message.objects.order_by("id").values_list("topic", flat=True))


def test_sku_facts_are_one_statement_in_the_order_asked_for(queries_of):
    first, second = a_product(), a_product(stock=7, shards=4)
    wanted = [second.skus.get().reference, first.skus.get().reference]

    assert queries_of(lambda: sellable.skus(wanted)) == 1
    assert [fact.available for fact in sellable.skus(wanted)] == [7, 100]
    assert all(fact.is_on_sale for fact in sellable.skus(wanted))
    assert sellable.skus(wanted)[0].category_path == tuple(a_category().path)


def test_what_is_withdrawn_or_in_a_closed_shop_is_not_on_sale(now):
    withdrawn, closed = a_product(), a_product()
    with transaction.atomic():
        publication.withdraw(withdrawn, actor=owner_of(withdrawn), now=now)
        reviewing.decide(
            closed.shop, "SUSPEND", reason="x", actor=Actor(user_id=a_user().pk), now=now
        )

    facts = sellable.skus([withdrawn.skus.get().reference, closed.skus.get().reference])

    assert [fact.is_on_sale for fact in facts] == [False, False]


def test_a_life_is_written_down(now):
    product = a_product()
    with transaction.atomic():
        publication.withdraw(product, actor=owner_of(product), now=now)

    steps = StateLog.objects.filter(subject="product", subject_id=product.pk).order_by("id")

    assert [step.to_state for step in steps] == ["DRAFT", "PUBLISHED", "WITHDRAWN"]
    assert [t for t in topics() if t.startswith("catalogue.")] == [
        "catalogue.product_published",
        "catalogue.product_withdrawn",
    ]


def test_nothing_is_published_twice(now):
    product = a_product()

    with pytest.raises(IllegalTransition), transaction.atomic():
        publication.publish(product, actor=owner_of(product), now=now)

    assert ProductCard.objects.get(pk=product.pk).version == product.version


def test_coming_back_on_sale_does_not_make_a_product_new(now):
    product = a_product()
    with transaction.atomic():
        publication.withdraw(product, actor=owner_of(product), now=now)
        publication.publish(product, actor=owner_of(product), now=now + timedelta(days=1))

    assert ProductCard.objects.get(pk=product.pk).published_at == LISTED


def test_a_draft_has_no_card():
    assert not ProductCard.objects.filter(pk=a_product(published=False).pk).exists()


def test_a_card_says_what_lists_show():
    product = a_product(price_fen=4980, net_weight_g=2500, title="秭归脐橙")
    card = ProductCard.objects.get(pk=product.pk)

    assert card.body["unit_price"] == {"price_fen": 1992, "per": "kg"}
    assert card.body["origin"] == {"code": "420527", "name": "秭归县"}
    assert card.body["badges"] == ["832"]
    assert (card.origin_prefecture, card.origin_province) == ("420500", "420000")
    assert (card.is_listed, card.in_stock, card.sold) == (True, True, 0)


def test_a_card_shows_the_cheapest_sku():
    skus = [products.NewSku("大", 900, 100, 100, 1), products.NewSku("小", 500, 40, 50, 1)]
    card = ProductCard.objects.get(pk=a_product(skus=skus).pk)

    assert card.price_from_fen == 500
    assert card.body["unit_price"]["price_fen"] == 12_500


@pytest.mark.parametrize(
    ("price_fen", "net_weight_g", "expected"),
    [(1, 2_000, 1), (1, 2_001, 0), (999, 1, 999_000), (10**13, 1, 10**16)],
)
def test_the_price_of_a_kilogram_is_rounded_half_up(price_fen, net_weight_g, expected):
    assert per_kg_fen(price_fen, net_weight_g) == expected


def test_an_edit_by_somebody_who_saw_an_older_version_is_refused(now):
    product = a_product()
    stale = Product.objects.get(pk=product.pk)
    with transaction.atomic():
        products.edit(product, {"title": "新名"}, actor=owner_of(product), now=now)

    with pytest.raises(products.ProductChangedMeanwhile), transaction.atomic():
        products.edit(stale, {"title": "旧名"}, actor=owner_of(product), now=now)

    assert Product.objects.get(pk=product.pk).title == "新名"
    assert ProductCard.objects.get(pk=product.pk).body["title"] == "新名"


def test_two_skus_of_one_name_are_refused():
    twins = [products.NewSku("袋", 1, 1, 1), products.NewSku("袋", 2, 1, 1)]

    with pytest.raises(products.SpecTaken), transaction.atomic():
        a_product(shop=open_shop(), skus=twins)


def test_photos_are_the_sellers_own_and_the_first_is_the_cover(now):
    shop = open_shop()
    product = a_product(shop)
    actor = owner_of(product)
    owner = shop.members.get(role="OWNER").user
    first, second = (an_upload(owner, Purpose.PHOTO, at=now) for _ in range(2))
    with transaction.atomic():
        shown = products.edit(
            product, {}, pictures=[first.reference, second.reference], actor=actor, now=now
        )
        products.edit(shown, {}, pictures=[second.reference], actor=actor, now=now)

    detail = ProductCard.objects.get(pk=product.pk).detail

    assert detail["photos"] == ["/api/v1/media/nowhere/file.webp"]
    assert detail["cover_url"] == detail["photos"][0]


def test_goods_of_a_shop_that_closes_are_hidden_and_come_back(now):
    product = a_product()
    reviewer = Actor(user_id=a_user().pk)
    with transaction.atomic():
        shop = reviewing.decide(product.shop, "SUSPEND", reason="x", actor=reviewer, now=now)
    deliver_all(now)
    hidden = ProductCard.objects.get(pk=product.pk)
    with transaction.atomic():
        reviewing.decide(shop, "REOPEN", reason="x", actor=reviewer, now=now)
    deliver_all(now)
    shown = ProductCard.objects.get(pk=product.pk)

    assert (hidden.is_listed, shown.is_listed) == (False, True)
    assert shown.version == Product.objects.get(pk=product.pk).version > hidden.version


def test_what_papers_no_longer_allow_leaves_the_market(now):
    shop = open_shop(kind=ShopKind.COOPERATIVE)
    kept, unlicensed_goods = a_product(), a_product(shop)
    Licence.objects.filter(shop=shop).update(valid_until=now.date())

    with transaction.atomic():
        count = unlicensed.withdraw(now=now)

    kept.refresh_from_db()
    unlicensed_goods.refresh_from_db()
    assert (count, kept.state, unlicensed_goods.state) == (1, "PUBLISHED", "WITHDRAWN")
    assert not ProductCard.objects.get(pk=unlicensed_goods.pk).is_listed


def test_a_category_may_ask_for_a_paper_of_its_own(now):
    wine = a_product(
        open_shop(kind=ShopKind.COMPANY),
        category=a_category("rice-fruit-wine"),
        product_class="PREPACKAGED",
        published=False,
    )

    with pytest.raises(publication.LicenceMissing) as refused:
        publication.require_fit(wine, now=now)

    assert refused.value.facts["licences"] == ["FOOD_FILING", "FOOD_PERMIT"]


def test_the_tree_is_loaded_once_and_its_ids_never_change():
    with transaction.atomic():
        done = categories.load()

    assert (done.added, done.changed, done.unchanged) == (0, 0, 49)
    assert tree.find("citrus").reference == categories.reference_of("citrus")
    assert str(categories.reference_of("citrus")) == "1397a61c-5604-529a-a011-81097d371e60"


def test_a_category_holds_everything_below_it():
    fruit = tree.find("fruit")

    assert tree.find("citrus").pk in tree.below(fruit)
    assert tree.find("eggs").pk not in tree.below(fruit)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "SOLD"}, "catalogue_product_state_is_known"),
        ({"published_at": None}, "catalogue_product_published_has_its_instant"),
        ({"product_class": "X"}, "catalogue_product_class_is_known"),
        ({"temp_class": "HOT"}, "catalogue_product_temp_class_is_known"),
        ({"origin_county": "4205"}, "catalogue_product_origin_is_a_code"),
        ({"shelf_life_days": 0}, "catalogue_product_keeps_a_while"),
        ({"title": ""}, "catalogue_product_has_a_title"),
    ],
)
def test_the_database_refuses_impossible_products(changes, constraint):
    product = a_product()

    with pytest.raises(IntegrityError, match=constraint):
        Product.objects.filter(pk=product.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"price_fen": 0}, "catalogue_sku_price_is_positive"),
        ({"net_weight_g": 0}, "catalogue_sku_weighs_something"),
        ({"gross_weight_g": 1}, "catalogue_sku_gross_covers_net"),
    ],
)
def test_the_database_refuses_impossible_skus(changes, constraint):
    product = a_product()

    with pytest.raises(IntegrityError, match=constraint):
        product.skus.update(**changes)
