"""Products from draft to sale and back."""

import pytest

from shops.catalogue.selectors import sellable
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db


def test_sku_facts_are_one_statement(queries_of):
    products = [a_product(), a_product(stock=7)]
    wanted = [product.skus.get().reference for product in products]

    assert queries_of(lambda: sellable.skus(wanted)) == 1
    assert [fact.available for fact in sellable.skus(wanted)] == [100, 7]
    assert all(fact.is_on_sale for fact in sellable.skus(wanted))
