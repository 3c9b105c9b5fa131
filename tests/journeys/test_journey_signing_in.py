"""Somebody new signs in on a phone, goes on for a while, and signs out."""

import pytest

pytestmark = pytest.mark.django_db


def post(client, address, body):
    return client.post(f"/api/v1/{address}", body, content_type="application/json")


@pytest.mark.parametrize("phone", ["139 0000 0001", "+8613900000003", "13712341234"])
def test_signing_in_going_on_and_signing_out(client, phone):
    code = post(client, "auth/codes", {"phone": phone})
    assert code.status_code == 202
    assert code.json()["expires_in"] == 300

    session = post(client, "auth/sessions", {"phone": phone, "code": code.json()["sandbox_code"]})
    assert session.status_code == 201
    first = session.json()
    assert set(first) == {"access", "refresh", "expires_in", "user"}

    def me(access):
        return client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {access}")

    assert me(first["access"]).json() == first["user"]

    again = post(client, "auth/sessions/refresh", {"refresh": first["refresh"]})
    assert again.status_code == 201
    second = again.json()
    assert me(second["access"]).json()["id"] == first["user"]["id"]

    gone = client.delete(
        "/api/v1/auth/sessions/current", HTTP_AUTHORIZATION=f"Bearer {second['access']}"
    )
    assert gone.status_code == 204
    assert [me(token["access"]).status_code for token in (first, second)] == [401, 401]
    refused = post(client, "auth/sessions/refresh", {"refresh": second["refresh"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "REFRESH_REFUSED")
    assert refused["Content-Type"] == "application/problem+json"


def test_a_stolen_refresh_token_signs_everybody_out(client):
    code = post(client, "auth/codes", {"phone": "13712340000"}).json()["sandbox_code"]
    first = post(client, "auth/sessions", {"phone": "13712340000", "code": code}).json()
    second = post(client, "auth/sessions/refresh", {"refresh": first["refresh"]}).json()

    stolen = post(client, "auth/sessions/refresh", {"refresh": first["refresh"]})

    assert stolen.status_code == 401
    me = client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {second['access']}")
    assert me.status_code == 401
