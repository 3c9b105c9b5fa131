"""Signing in, oneself and one's addresses over HTTP."""

import json

import pytest

from core.accounts.models import Address, Session
from tests.factories.accounts import a_phone, a_user, an_address, bearer

pytestmark = pytest.mark.django_db

PLACE = {
    "recipient": "李雷",
    "phone": "139 0000 0009",
    "region": "310101",
    "street": "人民路1号",
}


@pytest.fixture
def user():
    return a_user()


@pytest.fixture
def signed_in(user):
    return bearer(user)


def send(client, method, address, body=None, **headers):
    return client.generic(
        method,
        f"/api/v1/{address}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        **headers,
    )


def pointers(answer):
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/phone"),
        ({"phone": "12345"}, "/phone"),
        ({"phone": 13900000001}, "/phone"),
        ({"phone": None}, "/phone"),
        ({"phone": "1" * 41}, "/phone"),
        ({"phone": "13900000001", "channel": "sms"}, "/channel"),
    ],
)
def test_a_code_needs_a_phone_and_nothing_else(client, body, pointer):
    answer = send(client, "POST", "auth/codes", body)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])


def test_a_wrong_code_is_401_with_its_code(client):
    phone = a_phone()
    sent = send(client, "POST", "auth/codes", {"phone": phone}).json()["sandbox_code"]
    wrong = "000000" if sent != "000000" else "111111"

    answer = send(client, "POST", "auth/sessions", {"phone": phone, "code": wrong})

    assert (answer.status_code, answer.json()["code"]) == (401, "CODE_WRONG")
    assert not Session.objects.exists()


def test_outside_the_sandbox_the_code_is_never_in_the_answer(client, settings, monkeypatch):
    class Wire:
        sent = []

        def send_code(self, phone, code):
            self.sent.append((phone, code))
            return ""

    settings.MARKETPLACE_SANDBOX = False
    monkeypatch.setattr("core.accounts.providers.chosen.sms", Wire)
    phone = a_phone()

    answer = send(client, "POST", "auth/codes", {"phone": phone})

    assert (answer.status_code, answer.json()) == (202, {"expires_in": 300})
    assert Wire.sent[0][0] == phone


@pytest.mark.parametrize(
    ("address", "body", "pointer"),
    [
        ("auth/sessions", {"phone": "13900000001"}, "/code"),
        ("auth/sessions", {"phone": "1", "code": "123456"}, "/phone"),
        ("auth/sessions", {"phone": "13900000001", "code": 123456}, "/code"),
        ("auth/sessions", {"phone": "13900000001", "code": "1" * 13}, "/code"),
        ("auth/sessions/refresh", {}, "/refresh"),
        ("auth/sessions/refresh", {"refresh": "x" * 201}, "/refresh"),
        ("auth/sessions/refresh", {"refresh": None}, "/refresh"),
    ],
)
def test_bad_words_at_the_door_are_named(client, address, body, pointer):
    answer = send(client, "POST", address, body)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert not Session.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "{", '{"phone": NaN}', '{"phone":1,"phone":2}'])
def test_a_body_that_is_no_object_is_400(client, body):
    answer = client.generic("POST", "/api/v1/auth/codes", body, content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize("token", ["", "x", "x" * 5_000, "Ä", "a b"])
def test_a_token_we_never_gave_is_401(client, token):
    answer = send(client, "GET", "me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_one_reads_and_changes_oneself(client, user, signed_in):
    changed = send(client, "PATCH", "me", {"name": "小王"}, **signed_in)
    read = send(client, "GET", "me", **signed_in)

    assert changed.json() == read.json()
    assert read.json() == {
        "id": str(user.reference),
        "name": "小王",
        "phone": user.phone,
        "roles": [],
        "joined_at": read.json()["joined_at"],
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a\u202eb"}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"phone": "13900000001"}, "/phone"),
        ({"name": None}, "/name"),
    ],
)
def test_what_one_may_not_say_about_oneself_is_named(client, user, signed_in, body, pointer):
    answer = send(client, "PATCH", "me", body, **signed_in)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    user.refresh_from_db()
    assert user.name == ""


def test_an_address_is_kept_changed_listed_and_dropped(client, signed_in):
    kept = send(client, "POST", "me/addresses", PLACE, **signed_in)
    assert kept.status_code == 201, kept.content
    place = f"me/addresses/{kept.json()['id']}"

    changed = send(client, "PATCH", place, {"street": "解放路2号"}, **signed_in)
    listed = send(client, "GET", "me/addresses", **signed_in).json()
    dropped = send(client, "DELETE", place, **signed_in)

    assert kept.json()["is_default"] is True
    assert kept.json()["phone"] == "+8613900000009"
    assert changed.json()["street"] == "解放路2号"
    assert listed == {"results": [changed.json()], "next": None, "previous": None}
    assert dropped.status_code == 204
    assert not Address.objects.exists()


def test_listing_many_addresses_costs_as_much_as_listing_one(client, user, signed_in, queries_of):
    an_address(user)
    one = queries_of(lambda: send(client, "GET", "me/addresses", **signed_in))
    for _ in range(9):
        an_address(user)

    assert queries_of(lambda: send(client, "GET", "me/addresses", **signed_in)) <= one


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"region": "999999"}, "/region"),
        ({"region": "420000"}, "/region"),
        ({"region": 310101}, "/region"),
        ({"phone": "1"}, "/phone"),
        ({"recipient": ""}, "/recipient"),
        ({"recipient": "x" * 41}, "/recipient"),
        ({"street": "a\x00b"}, "/street"),
        ({"is_default": "yes"}, "/is_default"),
        ({"city": "上海"}, "/city"),
    ],
)
def test_a_bad_address_is_named_and_not_kept(client, signed_in, change, pointer):
    answer = send(client, "POST", "me/addresses", PLACE | change, **signed_in)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert not Address.objects.exists()


def test_somebody_elses_address_is_404(client, signed_in):
    address = an_address(a_user())

    for method in ("GET", "DELETE"):
        answer = send(client, method, f"me/addresses/{address.reference}", **signed_in)
        assert answer.status_code == 404
    assert Address.objects.exists()
