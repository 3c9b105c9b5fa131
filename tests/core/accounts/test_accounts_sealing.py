"""Personal fields: readable for us alone, findable by equality, rotated without a gap."""

import base64

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import reconciling
from core.accounts import resealing, sealing
from core.accounts.models import Address, User
from tests.factories.accounts import a_phone, a_user, an_address

OTHER_KEY = "k2:" + base64.b64encode(b"another key of thirty-two bytes.").decode()


@given(st.text(max_size=200))
def test_what_was_sealed_opens_as_it_was(text):
    assert sealing.open_sealed(sealing.seal(text)) == text


def test_two_seals_of_one_text_differ():
    assert sealing.seal("13900000001") != sealing.seal("13900000001")


def test_a_changed_seal_does_not_open():
    sealed = sealing.seal("人民路1号")
    swapped = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    with pytest.raises(sealing.SealBroken):
        sealing.open_sealed(swapped)


def test_a_key_in_front_seals_while_the_old_one_still_opens(settings):
    old = sealing.seal("王小明")
    settings.FIELD_KEYS = [OTHER_KEY, *settings.FIELD_KEYS]

    new = sealing.seal("王小明")

    assert new.startswith("k2:")
    assert sealing.open_sealed(old) == sealing.open_sealed(new) == "王小明"
    assert sealing.key_ids() == ["k2", "k1"]


def test_a_key_that_was_taken_away_opens_nothing(settings):
    old = sealing.seal("王小明")
    settings.FIELD_KEYS = [OTHER_KEY]

    with pytest.raises(sealing.SealBroken):
        sealing.open_sealed(old)


@pytest.mark.django_db
def test_the_database_never_sees_a_phone():
    phone = a_phone()
    user = a_user(phone)

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_index FROM accounts_user WHERE id = %s", [user.pk])
        sealed, index = cursor.fetchone()

    assert phone[3:] not in sealed + index
    assert User.objects.get(pk=user.pk).phone == phone


@pytest.mark.django_db
def test_a_sealed_field_cannot_be_searched_by_mistake():
    with pytest.raises(FieldError):
        User.objects.filter(phone="+8613900000001").exists()


@pytest.mark.django_db
def test_a_key_is_changed_without_a_gap(settings, capsys):
    user = a_user()
    an_address(user)
    settings.FIELD_KEYS = [OTHER_KEY, *settings.FIELD_KEYS]

    call_command("reseal_fields")
    said = capsys.readouterr().out
    settings.FIELD_KEYS = [OTHER_KEY]

    assert "accounts_user.phone: 1 sealed again" in said
    assert User.objects.get(pk=user.pk).phone == user.phone
    assert Address.objects.get().recipient == "王小明"


@pytest.mark.django_db
def test_sealing_again_takes_a_bounded_number(settings):
    for _ in range(3):
        a_user()
    settings.FIELD_KEYS = [OTHER_KEY, *settings.FIELD_KEYS]
    phones = resealing.SealedColumn("accounts_user", "phone")

    assert [resealing.reseal(phones, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_canary_a_plain_phone_is_reported():
    user = a_user()
    (before,) = reconciling.run(["accounts.personal_fields_are_sealed"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = '+8613900000001'")

    (after,) = reconciling.run(["accounts.personal_fields_are_sealed"])

    assert before.is_held
    assert [finding.subject for finding in after.findings] == [
        f"accounts_user.phone of row {user.pk}"
    ]


@pytest.mark.parametrize(
    ("phone", "shown"), [("+8613900000001", "139****0001"), ("123", "****"), ("", "****")]
)
def test_a_masked_phone_keeps_its_middle_to_itself(phone, shown):
    assert sealing.mask_phone(phone) == shown
