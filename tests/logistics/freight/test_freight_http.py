"""Freight templates over HTTP: what a shop may write, and every way to get it wrong."""

import copy

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from core.accounts.domain.roles import Scope
from logistics.freight.models import FreightFreeRule, FreightRule, FreightTemplate
from tests.factories.accounts import a_user, bearer
from tests.factories.freight import a_template
from tests.factories.storefronts import a_shop

pytestmark = pytest.mark.django_db

BODY = {
    "name": "常温水果",
    "charge_by": "WEIGHT",
    "mode": "CONDITIONAL",
    "rules": [
        {"first_unit": 1000, "first_fee_fen": 800, "add_unit": 1000, "add_fee_fen": 200},
        {
            "regions": ["420000"],
            "first_unit": 3000,
            "first_fee_fen": 600,
            "add_unit": 1000,
            "add_fee_fen": 100,
        },
    ],
    "free_rules": [{"min_amount_fen": 9900}, {"regions": ["420500"], "min_pieces": 2}],
    "no_ship_regions": ["540000", "650000"],
    "promise_hours": 72,
}


@pytest.fixture
def owner():
    return a_user()


@pytest.fixture
def shop(owner):
    return a_shop(owner=owner)


@pytest.fixture
def client(owner):
    client = APIClient()
    client.credentials(**bearer(owner))
    return client


def address(shop):
    return f"/api/v1/seller/shops/{shop.reference}/freight-templates"


def changed(**changes):
    return {**copy.deepcopy(BODY), **changes}


def rule(**changes):
    return {**BODY["rules"][0], **changes}


def test_a_template_is_written_listed_read_and_changed(client, shop):
    made = client.post(address(shop), BODY, format="json")

    assert made.status_code == 201, made.json()
    template = made.json()
    assert template["rules"][1]["regions"] == ["420000"]
    assert template["rules"][0]["regions"] == []
    assert template["free_rules"][1] == {
        "regions": ["420500"],
        "min_pieces": 2,
        "min_weight_g": None,
        "min_amount_fen": None,
    }
    one = f"/api/v1/seller/freight-templates/{template['id']}"
    listed = client.get(address(shop)).json()["results"]
    assert [row["id"] for row in listed] == [template["id"]]
    read = client.get(one)
    assert read.json() == template
    edited = client.patch(
        one, {"rules": [rule(first_fee_fen=900)]}, format="json", headers={"If-Match": read["ETag"]}
    )
    assert edited.status_code == 200, edited.json()
    assert edited.json() == {
        **template,
        "version": 2,
        "rules": [rule(first_fee_fen=900, regions=[])],
    }
    stale = client.patch(one, {"name": "x"}, format="json", headers={"If-Match": read["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    unchanged = client.get(one, headers={"If-None-Match": edited["ETag"]})
    assert unchanged.status_code == 304


def test_the_override_of_a_method_reaches_the_template(client, shop):
    template = a_template(shop)

    answer = client.post(
        f"/api/v1/seller/freight-templates/{template.reference}",
        {"promise_hours": 24},
        format="json",
        headers={"X-HTTP-Method-Override": "PATCH"},
    )

    assert answer.status_code == 200
    assert answer.json()["promise_hours"] == 24


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (changed(name=""), "/name", "BLANK"),
        (changed(name="a\u202eb"), "/name", "FORBIDDEN_CHARACTER"),
        (changed(name="长" * 41), "/name", "MAX_LENGTH"),
        (changed(charge_by="VOLUME"), "/charge_by", "INVALID_CHOICE"),
        (changed(mode="free"), "/mode", "INVALID_CHOICE"),
        (changed(colour="red"), "/colour", "UNKNOWN_FIELD"),
        (changed(promise_hours=0), "/promise_hours", "MIN_VALUE"),
        (changed(promise_hours=8761), "/promise_hours", "MAX_VALUE"),
        (changed(rules=[rule(first_unit=0)]), "/rules/0/first_unit", "MIN_VALUE"),
        (changed(rules=[rule(add_unit=-5)]), "/rules/0/add_unit", "MIN_VALUE"),
        (changed(rules=[rule(first_fee_fen=-1)]), "/rules/0/first_fee_fen", "MIN_VALUE"),
        (changed(rules=[rule(add_fee_fen=10**14)]), "/rules/0/add_fee_fen", "MAX_VALUE"),
        (changed(rules=[rule(add_fee_fen=2**63)]), "/rules/0/add_fee_fen", "MAX_VALUE"),
        (changed(rules=[rule(add_fee_fen=1.5)]), "/rules/0/add_fee_fen", "NOT_AN_INTEGER"),
        (changed(rules=[rule(add_fee_fen="1")]), "/rules/0/add_fee_fen", "NOT_AN_INTEGER"),
        (changed(rules=[rule(price=1)]), "/rules/0/price", "UNKNOWN_FIELD"),
        (changed(rules=[]), "/rules", "DEFAULT_MISSING"),
        (changed(rules=[rule(), rule()]), "/rules/1/regions", "DEFAULT_TWICE"),
        (changed(rules=[rule(), rule(regions=["000000"])]), "/rules/1/regions", "UNKNOWN_REGION"),
        (changed(rules=[rule(), rule(regions=["42"])]), "/rules/1/regions/0", "MIN_LENGTH"),
        (changed(rules=[rule(), rule(regions=["650000"])]), "/rules/1/regions", "REGION_TWICE"),
        (changed(no_ship_regions=["999999"]), "/no_ship_regions", "UNKNOWN_REGION"),
        (changed(no_ship_regions="540000"), "/no_ship_regions", "NOT_A_LIST"),
        (changed(free_rules=[]), "/free_rules", "CONDITION_MISSING"),
        (changed(free_rules=[{}]), "/free_rules/0", "CONDITION_MISSING"),
        (changed(free_rules=[{"min_pieces": 0}]), "/free_rules/0/min_pieces", "MIN_VALUE"),
        (changed(mode="PAID"), "/free_rules", "NOT_CONDITIONAL"),
        (changed(mode="FREE", free_rules=[]), "/rules", "FREE_HAS_NO_RULES"),
    ],
)
def test_every_bad_value_is_named_and_nothing_is_written(client, shop, body, pointer, code):
    answer = client.post(address(shop), body, format="json")

    assert answer.status_code == 400, answer.json()
    assert (pointer, code) in {
        (error["pointer"], error["code"]) for error in answer.json()["errors"]
    }, answer.json()["errors"]
    assert not FreightTemplate.objects.exists()


def test_a_retired_region_is_told_from_an_unknown_one(client, shop):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM regions_region r WHERE valid_until IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM regions_region n WHERE n.code = r.code AND n.valid_until IS NULL)"
            " ORDER BY code LIMIT 1"
        )
        (retired,) = cursor.fetchone()

    answer = client.post(address(shop), changed(no_ship_regions=[retired]), format="json")

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/no_ship_regions", "RETIRED_REGION")
    ]


def test_a_template_that_sends_nowhere_is_refused(client, shop):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM regions_region WHERE level = 'PROVINCE' AND valid_until IS NULL"
        )
        everywhere = [code for (code,) in cursor.fetchall() if code != "420000"] + ["420000"]

    body = changed(no_ship_regions=everywhere, rules=[rule()])
    answer = client.post(address(shop), body, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "NO_SHIP_EVERYWHERE"


def test_two_templates_of_a_shop_never_share_a_name(client, shop):
    first = a_template(shop, name="常温水果")
    second = a_template(shop, name="鸡蛋")

    made = client.post(address(shop), BODY, format="json")
    renamed = client.patch(
        f"/api/v1/seller/freight-templates/{second.reference}",
        {"name": first.name},
        format="json",
    )

    assert (made.status_code, made.json()["code"]) == (409, "TEMPLATE_NAME_TAKEN")
    assert (renamed.status_code, renamed.json()["code"]) == (409, "TEMPLATE_NAME_TAKEN")
    assert FreightTemplate.objects.count() == 2


def test_what_is_not_yours_is_not_there(client, shop):
    other = a_shop()
    template = a_template(other)

    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), BODY, format="json").status_code == 404
    one = f"/api/v1/seller/freight-templates/{template.reference}"
    assert client.get(one).status_code == 404
    assert client.patch(one, {"name": "x"}, format="json").status_code == 404
    assert APIClient().get(one).status_code == 401


def test_the_same_key_sent_twice_writes_one_template(client, shop):
    answers = [
        client.post(address(shop), BODY, format="json", headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert FreightTemplate.objects.count() == 1


def test_showing_many_templates_costs_as_much_as_showing_one(client, shop, queries_of):
    a_template(shop)
    one = queries_of(lambda: client.get(address(shop)))
    for _ in range(5):
        a_template(shop)

    assert queries_of(lambda: client.get(address(shop))) == one


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (FreightTemplate, {"charge_by": "X"}, "freighttemplate_counts_weight_or_pieces"),
        (FreightTemplate, {"mode": "X"}, "freighttemplate_mode_is_known"),
        (FreightTemplate, {"promise_hours": 0}, "freighttemplate_promises_a_time"),
        (FreightRule, {"regions": []}, "freightrule_one_default"),
        (FreightRule, {"first_unit": 0}, "freightrule_counts_in_units"),
        (FreightRule, {"add_fee_fen": -1}, "freightrule_fees_are_never_negative"),
        (
            FreightFreeRule,
            {"min_pieces": None, "min_amount_fen": None},
            "freightfreerule_has_a_condition",
        ),
    ],
)
def test_the_database_refuses_what_can_never_be(client, shop, model, change, constraint):
    assert client.post(address(shop), BODY, format="json").status_code == 201

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        model.objects.update(**change)

    assert constraint in refused.value.__cause__.diag.constraint_name


def test_acting_for_a_farmer_needs_a_mandate(client, shop):
    stranger = a_user()
    helper = APIClient()
    helper.credentials(**bearer(stranger), HTTP_ACTING_FOR=str(shop.members.get().user.reference))

    answer = helper.post(address(shop), BODY, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_FORBIDDEN")
    assert answer.json()["scope"] == Scope.SHIP
