"""A farmer opens a shop on a phone; a reviewer sends it back once, then opens it."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.accounts.domain.roles import Role
from tests.factories.accounts import a_staff, bearer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def call(client):
    def send(method, address, body=None, who=None):
        answer = client.generic(
            method,
            f"/api/v1/{address}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            **(who or {}),
        )
        return answer.status_code, answer.json() if answer.content else None

    return send


def sign_in(call, phone):
    _, sent = call("POST", "auth/codes", {"phone": phone})
    _, session = call("POST", "auth/sessions", {"phone": phone, "code": sent["sandbox_code"]})
    return {"HTTP_AUTHORIZATION": f"Bearer {session['access']}"}


def hand_in(client, who):
    written = io.BytesIO()
    Image.new("RGB", (80, 50), "white").save(written, "JPEG")
    file = SimpleUploadedFile("card.jpg", written.getvalue(), content_type="image/jpeg")
    answer = client.post("/api/v1/uploads", {"file": file, "purpose": "LICENCE"}, **who)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def test_a_farmer_opens_a_shop(client, call):
    farmer = sign_in(call, "13712350001")
    reviewer = bearer(a_staff(Role.REVIEWER, region="420000"))
    begin = {"name": "秭归老李家", "kind": "FARMER", "region": "420527", "intro": "自家橙子"}

    status, shop = call("POST", "seller/shops", begin, farmer)
    assert (status, shop["state"]) == (201, "DRAFT")
    place = f"seller/shops/{shop['id']}"

    status, refused = call("POST", f"{place}/submission", who=farmer)
    assert (status, refused["code"]) == (422, "CHECKLIST_INCOMPLETE")
    missing = [item["code"] for item in refused["missing"]]
    assert missing == ["IDENTITY", "ORIGIN_DECLARATION"]

    card = {"kind": "IDENTITY", "number": "420527199001011234", "upload": hand_in(client, farmer)}
    assert call("POST", f"{place}/licences", card, farmer)[0] == 201
    assert call("POST", f"{place}/licences", {"kind": "ORIGIN_DECLARATION"}, farmer)[0] == 201
    _, checklist = call("GET", f"{place}/checklist", who=farmer)
    assert checklist["is_complete"]

    status, shop = call("POST", f"{place}/submission", who=farmer)
    assert (status, shop["state"]) == (200, "IN_REVIEW")
    assert call("GET", f"shops/{shop['slug']}")[0] == 404

    _, waiting = call("GET", "staff/shops?state=IN_REVIEW", who=reviewer)
    assert [row["id"] for row in waiting["results"]] == [shop["id"]]
    _, seen = call("GET", f"staff/shops/{shop['id']}", who=reviewer)
    picture = next(paper for paper in seen["licences"] if paper["kind"] == "IDENTITY")
    assert picture["number"] == "420527199001011234"
    assert client.get(picture["url"]).status_code == 200

    decisions = f"staff/shops/{shop['id']}/decisions"
    status, shop = call("POST", decisions, {"decision": "REJECT", "reason": "名字不清楚"}, reviewer)
    assert (status, shop["state"]) == (200, "REJECTED")
    _, shop = call("GET", place, who=farmer)
    assert (shop["decision_reason"], shop["allowed_actions"]) == ("名字不清楚", ["submit"])

    status, shop = call("PATCH", place, {"name": "秭归老李家果园"}, farmer)
    assert (status, shop["name"]) == (200, "秭归老李家果园")
    assert call("POST", f"{place}/submission", who=farmer)[0] == 200
    status, shop = call("POST", decisions, {"decision": "APPROVE"}, reviewer)
    assert (status, shop["state"]) == (200, "OPEN")
    assert call("POST", decisions, {"decision": "APPROVE"}, reviewer)[0] == 409

    status, public = call("GET", f"shops/{shop['slug']}")
    assert (status, public["name"]) == (200, "秭归老李家果园")

    status, closed = call("POST", decisions, {"decision": "SUSPEND", "reason": "投诉"}, reviewer)
    assert (status, closed["state"]) == (200, "SUSPENDED")
    assert call("GET", f"shops/{shop['slug']}")[0] == 404
    assert call("POST", decisions, {"decision": "REOPEN"}, reviewer)[1]["state"] == "OPEN"
