"""Addresses: one default, sealed, readable for their owner alone."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.accounts.models import Address
from core.accounts.selectors import addresses
from core.accounts.services import living
from core.errors import InvalidInput, NotFound
from tests.factories.accounts import a_user, an_address

pytestmark = pytest.mark.django_db


def test_the_first_address_is_the_default_and_a_later_default_takes_its_place():
    user = a_user()
    first, second = an_address(user), an_address(user)

    with transaction.atomic():
        living.change_address(user.pk, second.reference, {"is_default": True})

    assert first.is_default
    assert list(Address.objects.filter(is_default=True)) == [second]


def test_two_defaults_are_refused_by_the_database():
    user = a_user()
    an_address(user)
    other = an_address(user)

    with pytest.raises(IntegrityError, match="accounts_address_one_default_per_user"):
        Address.objects.filter(pk=other.pk).update(is_default=True)


def test_the_database_never_sees_who_lives_where():
    an_address(a_user())

    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient || phone || street FROM accounts_address")
        (kept,) = cursor.fetchone()

    assert not any(word in kept for word in ("王小明", "13812345678", "人民路"))


def test_a_delivery_address_is_read_in_one_statement(queries_of):
    user = a_user()
    address = an_address(user)

    assert queries_of(lambda: addresses.delivery_address(user.pk, address.reference)) == 1

    facts = addresses.delivery_address(user.pk, str(address.reference))
    assert (facts.recipient, facts.phone, facts.region) == ("王小明", "+8613812345678", "310101")


def test_somebody_elses_address_is_not_there():
    address = an_address(a_user())
    other = a_user()

    with pytest.raises(NotFound):
        addresses.delivery_address(other.pk, address.reference)
    with pytest.raises(NotFound), transaction.atomic():
        living.forget_address(other.pk, address.reference)

    assert Address.objects.filter(pk=address.pk).exists()


def test_a_bad_phone_changes_nothing():
    user = a_user()
    address = an_address(user)

    with pytest.raises(InvalidInput), transaction.atomic():
        living.change_address(user.pk, address.reference, {"phone": "123", "street": "别处"})

    address.refresh_from_db()
    assert address.street == "人民路1号2单元301室"


def test_so_many_addresses_and_no_more(monkeypatch):
    monkeypatch.setattr(living, "ADDRESSES_MAX", 2)
    user = a_user()
    an_address(user)
    an_address(user)

    with pytest.raises(living.TooManyAddresses):
        an_address(user)

    assert Address.objects.count() == 2
