"""Shops over HTTP: who may, what is refused, what is told."""

import json

import pytest
from django.db import transaction
from django.utils import timezone

from core.accounts.domain.roles import Role, Scope
from core.accounts.services import granting
from core.audit.models import StateLog
from shops.storefronts.models import Licence, Shop, ShopMember
from tests.factories.accounts import a_phone, a_staff, a_user, bearer
from tests.factories.storefronts import a_shop, open_shop, with_papers
from tests.factories.uploads import an_upload

pytestmark = pytest.mark.django_db

SHOP = {"name": "秭归老李家", "kind": "FARMER", "region": "420527", "intro": "自家橙子"}


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


@pytest.fixture
def seller():
    return a_user()


@pytest.fixture
def signed_in(seller):
    return bearer(seller)


@pytest.fixture
def reviewer():
    return bearer(a_staff(Role.REVIEWER))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 41}, "/name"),
        ({"name": "a\u202eb"}, "/name"),
        ({"kind": "STATION"}, "/kind"),
        ({"kind": 7}, "/kind"),
        ({"region": "999999"}, "/region"),
        ({"region": "420000"}, "/region"),
        ({"intro": "x" * 501}, "/intro"),
        ({"state": "OPEN"}, "/state"),
        ({"commission_bp": 0}, "/commission_bp"),
    ],
)
def test_a_bad_beginning_is_named_and_begins_nothing(client, signed_in, change, pointer):
    answer = send(client, "POST", "seller/shops", SHOP | change, **signed_in)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert not Shop.objects.exists()


def test_the_same_key_begins_one_shop(client, signed_in):
    answers = [
        send(client, "POST", "seller/shops", SHOP, HTTP_IDEMPOTENCY_KEY="k1", **signed_in)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Shop.objects.count() == 1


def test_a_shop_is_changed_by_whoever_saw_its_version(client, seller, signed_in):
    shop = a_shop(seller)
    address = f"seller/shops/{shop.reference}"
    seen = send(client, "GET", address, **signed_in)["ETag"]

    changed = send(client, "PATCH", address, {"intro": "新"}, HTTP_IF_MATCH=seen, **signed_in)
    late = send(client, "PATCH", address, {"intro": "旧"}, HTTP_IF_MATCH=seen, **signed_in)

    assert changed.status_code == 200
    assert changed.json()["intro"] == "新"
    assert (late.status_code, late.json()["code"]) == (412, "PRECONDITION_FAILED")


@pytest.mark.parametrize(
    ("method", "place", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"intro": "x"}),
        ("GET", "/checklist", None),
        ("GET", "/licences", None),
        ("POST", "/licences", {"kind": "IDENTITY"}),
        ("POST", "/submission", None),
        ("GET", "/members", None),
        ("POST", "/members", {"phone": "13900000009"}),
    ],
)
def test_somebody_elses_shop_is_404_and_stays_as_it_is(client, method, place, body):
    shop = with_papers(a_shop())
    stranger = bearer(a_user())

    answer = send(client, method, f"seller/shops/{shop.reference}{place}", body, **stranger)

    assert answer.status_code == 404, answer.content
    shop.refresh_from_db()
    assert (shop.state, shop.members.count(), shop.licences.count()) == ("DRAFT", 1, 2)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "PASSPORT"}, "/kind"),
        ({"number": ""}, "/number"),
        ({"upload": None}, "/upload"),
        ({"upload": "x"}, "/upload"),
        ({"valid_until": "2020-01-01"}, "/valid_until"),
        ({"valid_from": "2099-01-02", "valid_until": "2099-01-01"}, "/valid_until"),
        ({"valid_until": "tomorrow"}, "/valid_until"),
        ({"state": "VALID"}, "/state"),
    ],
)
def test_a_bad_paper_is_named_and_not_kept(client, seller, signed_in, change, pointer):
    shop = a_shop(seller)
    paper = {
        "kind": "IDENTITY",
        "number": "420527199001011234",
        "upload": str(an_upload(seller, at=timezone.now()).reference),
    }

    answer = send(
        client, "POST", f"seller/shops/{shop.reference}/licences", paper | change, **signed_in
    )

    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert not Licence.objects.exists()


def test_a_picture_of_somebody_else_is_not_taken(client, seller, signed_in):
    shop = a_shop(seller)
    stolen = an_upload(a_user(), at=timezone.now())

    answer = send(
        client,
        "POST",
        f"seller/shops/{shop.reference}/licences",
        {"kind": "IDENTITY", "number": "1", "upload": str(stolen.reference)},
        **signed_in,
    )

    assert answer.status_code == 404
    assert not Licence.objects.exists()


def test_the_number_of_an_identity_card_is_masked_for_the_shop(client, seller, signed_in):
    shop = a_shop(seller)
    answer = send(
        client,
        "POST",
        f"seller/shops/{shop.reference}/licences",
        {
            "kind": "IDENTITY",
            "number": "420527199001011234",
            "upload": str(an_upload(seller, at=timezone.now()).reference),
        },
        **signed_in,
    )

    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == "****1234"
    listed = send(client, "GET", f"seller/shops/{shop.reference}/licences", **signed_in)
    assert "19900101" not in listed.content.decode()


def test_a_reviewer_sees_and_decides_only_below_their_own_region(client):
    here, there = with_papers(a_shop(region="420527")), with_papers(a_shop(region="430102"))
    Shop.objects.update(state="IN_REVIEW", submitted_at=timezone.now())
    regional = bearer(a_staff(Role.REVIEWER, region="420000"))

    listed = send(client, "GET", "staff/shops?state=IN_REVIEW", **regional).json()["results"]
    elsewhere = send(
        client,
        "POST",
        f"staff/shops/{there.reference}/decisions",
        {"decision": "APPROVE"},
        **regional,
    )

    assert [row["id"] for row in listed] == [str(here.reference)]
    assert elsewhere.status_code == 404
    assert not Shop.objects.filter(state="OPEN").exists()


def test_the_reviewers_list_costs_the_same_for_many_shops(client, reviewer, queries_of):
    a_shop()
    one = queries_of(lambda: send(client, "GET", "staff/shops", **reviewer))
    for _ in range(9):
        a_shop()

    assert queries_of(lambda: send(client, "GET", "staff/shops", **reviewer)) <= one


@pytest.mark.parametrize("role", [None, Role.OPERATOR])
def test_only_reviewers_review(client, role):
    shop = with_papers(a_shop())
    other = bearer(a_staff(role) if role else a_user())

    for method, address, body in (
        ("GET", "staff/shops", None),
        ("GET", f"staff/shops/{shop.reference}", None),
        ("POST", f"staff/shops/{shop.reference}/decisions", {"decision": "APPROVE"}),
    ):
        assert send(client, method, address, body, **other).status_code == 403
    assert send(client, "GET", "staff/shops").status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/decision"),
        ({"decision": "OPEN"}, "/decision"),
        ({"decision": "APPROVE", "x": 1}, "/x"),
    ],
)
def test_a_bad_decision_is_named(client, reviewer, body, pointer):
    shop = with_papers(a_shop())

    answer = send(client, "POST", f"staff/shops/{shop.reference}/decisions", body, **reviewer)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=CLOSED", "/state"),
        ("state=OPEN&state=DRAFT", "/state"),
        ("region=42", "/region"),
        ("page_size=0", "/page_size"),
        ("page_size=101", "/page_size"),
    ],
)
def test_a_bad_question_is_named(client, reviewer, query, pointer):
    answer = send(client, "GET", f"staff/shops?{query}", **reviewer)

    assert (answer.status_code, pointers(answer)) == (400, [pointer])


def test_a_cursor_of_ones_own_making_is_refused(client, reviewer):
    answer = send(client, "GET", "staff/shops?cursor=abc", **reviewer)

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CURSOR")


def test_reviewers_walk_all_shops_once(client, reviewer):
    begun = {str(a_shop().reference) for _ in range(5)}
    address, seen = "staff/shops?page_size=2", []

    while address:
        page = send(client, "GET", address, **reviewer).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"] and page["next"].partition("/api/v1/")[2]

    assert (len(seen), set(seen)) == (5, begun)


@pytest.mark.parametrize("phone", ["1", None, 13900000009, "+12025550100"])
def test_somebody_without_a_phone_is_not_let_in(client, seller, signed_in, phone):
    shop = a_shop(seller)

    answer = send(
        client, "POST", f"seller/shops/{shop.reference}/members", {"phone": phone}, **signed_in
    )

    assert (answer.status_code, pointers(answer)) == (400, ["/phone"])
    assert shop.members.count() == 1


def test_a_paper_of_an_open_shop_is_judged_by_itself(client, reviewer):
    shop = open_shop()
    paper = Licence.objects.get(shop=shop, kind="IDENTITY")
    address = f"staff/shops/{shop.reference}/licences/{paper.reference}/decisions"

    revoked = send(client, "POST", address, {"decision": "REVOKE", "reason": "伪造"}, **reviewer)
    again = send(client, "POST", address, {"decision": "ACCEPT"}, **reviewer)

    assert (revoked.status_code, revoked.json()["state"]) == (200, "REVOKED")
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    shop.refresh_from_db()
    assert shop.state == "SUSPENDED"


def test_the_owner_lets_people_in_and_out(client, seller, signed_in):
    shop, phone = a_shop(seller), a_phone()
    address = f"seller/shops/{shop.reference}/members"

    joined = send(client, "POST", address, {"phone": phone}, **signed_in)
    twice = send(client, "POST", address, {"phone": phone}, **signed_in)
    listed = send(client, "GET", address, **signed_in).json()["results"]

    assert joined.status_code == 201
    assert phone[3:] not in json.dumps(listed)
    assert (twice.status_code, twice.json()["code"]) == (409, "ALREADY_MEMBER")
    assert [row["role"] for row in listed] == ["OWNER", "STAFF"]
    clerk = a_user(phone)
    assert send(client, "GET", address, **bearer(clerk)).status_code == 200
    refused = send(client, "POST", address, {"phone": a_phone()}, **bearer(clerk))
    assert refused.status_code == 403
    owner = send(client, "DELETE", f"{address}/{seller.reference}", **signed_in)
    assert (owner.status_code, owner.json()["code"]) == (409, "OWNER_STAYS")
    gone = send(client, "DELETE", f"{address}/{clerk.reference}", **signed_in)
    assert gone.status_code == 204
    assert list(ShopMember.objects.values_list("user_id", flat=True)) == [seller.pk]


def test_a_station_begins_a_shop_for_a_farmer_and_the_log_keeps_both(client):
    farmer, station = a_user(), a_user()
    now = timezone.now()
    with transaction.atomic():
        granting.give_mandate(
            principal_id=farmer.pk,
            agent_id=station.pk,
            scopes=[Scope.LIST],
            valid_from=now,
            valid_until=now + timezone.timedelta(days=1),
        )
    acting = bearer(station) | {"HTTP_ACTING_FOR": str(farmer.reference)}

    begun = send(client, "POST", "seller/shops", SHOP, **acting)
    members = send(client, "GET", f"seller/shops/{begun.json()['id']}/members", **acting)

    assert begun.status_code == 201
    assert ShopMember.objects.get().user == farmer
    log = StateLog.objects.get(subject="shop")
    assert (log.actor_id, log.on_behalf_of_id) == (station.pk, farmer.pk)
    assert (members.status_code, members.json()["code"]) == (403, "SCOPE_FORBIDDEN")


def test_an_open_shop_is_read_by_anybody_and_not_sent_twice(client, queries_of):
    shop = open_shop()

    read = send(client, "GET", f"shops/{shop.slug}")
    again = send(client, "GET", f"shops/{shop.slug}", HTTP_IF_NONE_MATCH=read["ETag"])

    assert read.json()["region_name"] == "秭归县"
    assert send(client, "GET", f"shops/{shop.reference}").json() == read.json()
    assert (again.status_code, again.content) == (304, b"")
    assert "commission_bp" not in read.json()
    assert queries_of(lambda: send(client, "GET", f"shops/{shop.slug}")) == 1


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-0000-0000-000000000000", "x" * 500])
def test_a_shop_that_is_not_there_is_404(client, name):
    assert send(client, "GET", f"shops/{name}").status_code == 404


def test_a_shop_that_is_not_open_is_not_there(client):
    shop = with_papers(a_shop())

    assert send(client, "GET", f"shops/{shop.slug}").status_code == 404
