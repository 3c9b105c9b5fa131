"""Campaigns over HTTP: planned, enrolled in, approved, bought in and reported."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from core import reconciling
from core.accounts.domain.roles import Role
from core.periods import local_day
from marketplace.activities.services import showing
from marketplace.campaigns.models import Campaign, Enrolment
from orders.placement.models import OrderLine
from tests.factories.accounts import a_staff, a_user, bearer
from tests.factories.campaigns import a_campaign, an_enrolment, approved, moved, running
from tests.factories.catalogue import a_product
from tests.factories.coupons import WantedFunding, a_batch, a_budget, a_coupon
from tests.factories.orders import a_checkout, an_order, paid_for, place
from tests.factories.sections import a_section

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture
def staff():
    return bearer(a_staff(Role.CAMPAIGN_MANAGER))


@pytest.fixture
def ask(client):
    def call(method, address, body=None, headers=None, **extra):
        return client.generic(
            method,
            f"{BASE}/{address}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            **((headers or {}) | extra),
        )

    return call


def at(hours):
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def body(**changes):
    return {
        "slug": "double-eleven",
        "kind": "FESTIVAL",
        "name": "双十一",
        "name_en": "Singles Day",
        "enrol_from": at(-1),
        "enrol_until": at(20),
        "preheats_at": at(10),
        "starts_at": at(24),
        "ends_at": at(48),
    } | changes


def owner_of(product):
    return bearer(product.shop.members.get(role="OWNER").user)


def walked(ask, address):
    """Walk through all pages of a list; return its rows."""
    rows, following = [], address
    while following:
        page = ask("GET", following.removeprefix(f"http://testserver{BASE}/")).json()
        rows += page["results"]
        following = page["next"]
    return rows


def test_the_calendar_of_a_quarter_has_every_campaign_of_it_once(ask, client):
    march = datetime(2020, 3, 1, tzinfo=UTC)
    days = [timedelta(hours=number * 18) for number in range(120)]
    first = datetime(2020, 4, 1, 2, tzinfo=UTC)
    for number, after in enumerate(days):
        starts_at = first + after
        a_campaign(
            f"spring-{number}",
            now=march,
            enrol_from=march,
            enrol_until=starts_at,
            preheats_at=starts_at - timedelta(hours=1),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=30),
        )
    later = datetime(2020, 7, 1, tzinfo=UTC)
    a_campaign(
        "summer",
        now=march,
        enrol_from=march,
        enrol_until=later,
        preheats_at=later,
        starts_at=later,
        ends_at=later + timedelta(days=1),
    )

    rows = walked(ask, "campaigns?from=2020-04-01&to=2020-07-01&page_size=50")

    slugs = [row["slug"] for row in rows]
    assert len(slugs) == len(set(slugs)) == 120
    assert slugs == sorted(slugs, key=lambda slug: int(slug.removeprefix("spring-")))
    assert {row["state"] for row in rows} == {"ENDED"}
    again = client.get(f"{BASE}/campaigns?from=2020-07-01&to=2020-10-01")
    assert [row["slug"] for row in again.json()["results"]] == ["summer"]
    report = ask(
        "GET",
        "reports/campaigns?from=2020-04-01&to=2020-07-01",
        headers=bearer(a_staff(Role.REPORTS)),
    ).json()
    assert len(report["campaigns"]) == 120
    assert report["total"]["orders"] == 0


def test_a_page_of_the_calendar_costs_the_same_however_full_it_is(ask, queries_of):
    a_campaign(now=timezone.now())
    one = queries_of(lambda: ask("GET", "campaigns"))
    for _ in range(9):
        a_campaign(now=timezone.now())

    assert queries_of(lambda: ask("GET", "campaigns")) == one == 1


def test_a_campaign_from_its_plan_to_its_report(ask, staff, client):
    now = timezone.now()
    product = a_product(price_fen=1_990, stock=100)
    sku = product.skus.get()
    owner, buyer = owner_of(product), a_user()
    section, budget = a_section("hubei", regions=["420000"]), a_budget()
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    batch = a_batch(
        funding=funding,
        threshold_fen=1_000,
        amount_fen=200,
        allow_on_activity_price=True,
        claim_from=now - timedelta(hours=1),
        claim_until=now + timedelta(hours=9),
        use_until=now + timedelta(hours=9),
    )
    plan = body(
        section="hubei",
        budget=str(budget.reference),
        enrol_until=at(40),
        preheats_at=at(-3),
        starts_at=at(-2),
    )

    made = ask("POST", "staff/campaigns", plan, staff)
    assert made.status_code == 201, made.content.decode()
    assert made.json()["allowed_actions"] == ["cancel", "schedule"]
    assert ask("GET", "campaigns/double-eleven").status_code == 404
    moved_on = ask(
        "POST", "staff/campaigns/double-eleven/transitions", {"action": "schedule"}, staff
    )
    assert (moved_on.status_code, moved_on.json()["state"]) == (200, "RUNNING")
    offer = {"campaign": "double-eleven", "sku": str(sku.reference), "price_fen": 1_490}
    handed_in = ask(
        "POST",
        f"seller/shops/{product.shop.reference}/enrolments",
        offer | {"quantity": 10, "per_user_limit": 2},
        owner,
    )
    assert handed_in.status_code == 201, handed_in.content.decode()
    assert handed_in.json()["state"] == "SUBMITTED"
    said = ask(
        "POST",
        "staff/campaigns/double-eleven/decisions",
        {"decision": "APPROVE", "enrolments": [handed_in.json()["id"]]},
        staff,
    )
    assert said.json() == {
        "outcomes": [{"id": handed_in.json()["id"], "state": "APPROVED", "refusal": None}]
    }
    showing.refresh_cards(now=now)

    page = client.get(f"{BASE}/campaigns/double-eleven").json()
    [card] = page["products"]
    assert (page["state"], page["section"], page["skus"]) == ("RUNNING", section.slug, 1)
    assert (card["price_from_fen"], card["original_price_fen"]) == (1_490, 1_990)
    assert card["campaign_price"]["price_fen"] == 1_490
    assert [coupon["id"] for coupon in page["coupons"]] == [str(batch.reference)]
    assert walked(ask, "campaigns/double-eleven/products") == page["products"]

    coupon = a_coupon(buyer, batch, now)
    later = timezone.now()
    lines = [(product, 2), (a_product(price_fen=1_000), 1)]
    paid_for(place(buyer, a_checkout(buyer, lines, [coupon], now=later), later), later)
    campaign = Campaign.objects.get()
    frozen = OrderLine.objects.get(sku=sku)
    assert frozen.campaign_reference == campaign.reference
    assert OrderLine.objects.exclude(sku=sku).get().campaign_reference is None

    day = local_day(later)
    report = ask(
        "GET",
        f"reports/campaigns?from={day}&to={day + timedelta(days=1)}",
        headers=bearer(a_staff(Role.REPORTS)),
    ).json()
    [row] = report["campaigns"]
    assert (row["slug"], row["orders"], row["pieces"]) == ("double-eleven", 1, 2)
    assert (row["sale_fen"], row["price_cut_fen"]) == (2_980, 1_000)
    assert (row["net_weight_g"], row["tonnes"]) == (10_000, "0.010")
    [given] = row["discounts"]
    assert given["funder"] == "PLATFORM"
    assert row["paid_fen"] == 2_980 - given["amount_fen"]
    mine = ("campaigns.", "activities.", "placement.", "coupons.", "quotas.", "catalogue.")
    names = [name for name in reconciling.names() if name.startswith(mine)]
    assert [result for result in reconciling.run(names) if not result.is_held] == []


def test_who_reports_for_a_region_sees_what_it_sold_in_campaigns(ask):
    now = timezone.now()
    campaign = a_campaign(now=now, **running(now))
    product = a_product(stock=100)
    approved(an_enrolment(campaign, product, now), now)
    later = timezone.now()
    an_order(lines=[(product, 1)], paid=True, now=later)
    day = local_day(later)
    period = f"from={day}&to={day + timedelta(days=1)}"

    sold = [
        ask("GET", f"reports/campaigns?{period}", headers=bearer(a_staff(Role.REPORTS, region)))
        .json()["campaigns"][0]["pieces"]
        for region in ("420000", "430000")
    ]  # fmt: skip

    assert sold == [1, 0]


def test_of_many_decisions_no_refusal_stops_the_rest(ask, staff):
    now = timezone.now()
    campaign = a_campaign(now=now)
    good, scarce = an_enrolment(campaign, now=now), a_product(stock=3)
    too_much = an_enrolment(campaign, scarce, now, quantity=9)
    elsewhere = an_enrolment(a_campaign(now=now), now=now)
    wanted = [str(one.reference) for one in (too_much, elsewhere, good)]

    said = ask(
        "POST",
        f"staff/campaigns/{campaign.slug}/decisions",
        {"decision": "APPROVE", "enrolments": wanted},
        staff,
    ).json()["outcomes"]

    assert [one["id"] for one in said] == wanted
    assert [one["state"] for one in said] == [None, None, "APPROVED"]
    assert [one["refusal"] and one["refusal"]["code"] for one in said] == [
        "STOCK_TOO_LOW",
        "NOT_FOUND",
        None,
    ]
    assert Enrolment.objects.filter(state="APPROVED").get() == good


def test_a_shop_withdraws_and_reads_what_became_of_its_offers(ask, staff):
    now = timezone.now()
    product = a_product()
    owner = owner_of(product)
    first = an_enrolment(a_campaign("one", now=now), product, now)
    second = an_enrolment(a_campaign("two", now=now), product, now)
    shop = f"seller/shops/{product.shop.reference}/enrolments"

    gone = ask("POST", f"{shop}/{first.reference}/withdrawal", headers=owner)
    told = ask(
        "POST",
        f"staff/enrolments/{second.reference}/decisions",
        {"decision": "REJECT", "reason": "图片不清"},
        staff,
    )
    rows = ask("GET", shop, headers=owner).json()["results"]

    assert (gone.json()["state"], told.json()["state"]) == ("WITHDRAWN", "REJECTED")
    assert [(row["campaign"]["slug"], row["remark"]) for row in rows] == [
        ("two", "图片不清"),
        ("one", ""),
    ]
    again = ask("POST", f"{shop}/{first.reference}/withdrawal", headers=owner)
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    mine = ask("GET", f"{shop}?campaign=one", headers=owner).json()["results"]
    assert [row["id"] for row in mine] == [str(first.reference)]


def test_an_overlap_is_told_and_nothing_moves(ask, staff):
    now = timezone.now()
    product = a_product(stock=100)
    approved(an_enrolment(a_campaign(now=now), product, now), now)
    second = an_enrolment(a_campaign(now=now), product, now)

    told = ask(
        "POST", f"staff/enrolments/{second.reference}/decisions", {"decision": "APPROVE"}, staff
    )

    assert (told.status_code, told.json()["code"]) == (409, "ACTIVITY_OVERLAP")
    second.refresh_from_db()
    assert second.state == "SUBMITTED"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ends_at": at(1)}, "/ends_at"),
        ({"preheats_at": at(25)}, "/preheats_at"),
        ({"enrol_until": at(60)}, "/enrol_until"),
        ({"section": "nowhere"}, "/section"),
        ({"budget": "00000000-0000-4000-8000-000000000000"}, "/budget"),
        ({"slug": "Double Eleven"}, "/slug"),
        ({"kind": "WHATEVER"}, "/kind"),
    ],
)
def test_a_plan_that_makes_no_sense_is_told_where(ask, staff, change, pointer):
    told = ask("POST", "staff/campaigns", body(**change), staff)

    assert told.status_code == 400
    assert pointer in [wrong["pointer"] for wrong in told.json()["errors"]]


def test_an_edit_is_guarded_and_a_stop_needs_a_reason(ask, staff):
    campaign = a_campaign(now=timezone.now())
    address = f"staff/campaigns/{campaign.slug}"

    stale = ask("PATCH", address, {"name": "年货节"}, staff, HTTP_IF_MATCH='"1"')
    edited = ask("PATCH", address, {"name": "年货节"}, staff, HTTP_IF_MATCH='"2"')
    fixed = ask("PATCH", address, {"ends_at": at(90)}, staff)
    stopped = ask("POST", f"{address}/transitions", {"action": "pause"}, staff)

    assert stale.status_code == 412
    assert (edited.status_code, edited.json()["name"]) == (200, "年货节")
    assert (fixed.status_code, fixed.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert (stopped.status_code, stopped.json()["code"]) == (400, "REASON_NEEDED")


@pytest.mark.parametrize("action", ["pause", "cancel"])
def test_what_is_stopped_is_shown_to_nobody(ask, action):
    now = timezone.now()
    campaign = a_campaign(now=now)
    assert ask("GET", f"campaigns/{campaign.slug}").status_code == 200

    moved(campaign, action, now)

    assert ask("GET", f"campaigns/{campaign.slug}").status_code == 404
    assert ask("GET", "campaigns").json()["results"] == []


def test_prices_are_told_once_the_campaign_is_announced(ask):
    now = timezone.now()
    campaign = a_campaign("soon", now=now, preheats_at=now + timedelta(hours=1))
    approved(an_enrolment(campaign, now=now), now)

    page = ask("GET", "campaigns/soon").json()

    assert (page["state"], page["skus"], page["products"]) == ("SCHEDULED", 1, [])
    assert walked(ask, "campaigns/soon/products") == []


def test_a_page_costs_the_same_however_much_it_sells(ask, queries_of):
    now = timezone.now()
    campaign = a_campaign("fair", now=now)
    approved(an_enrolment(campaign, now=now), now)
    one = queries_of(lambda: ask("GET", "campaigns/fair"))
    for _ in range(4):
        approved(an_enrolment(campaign, now=now), now)

    assert queries_of(lambda: ask("GET", "campaigns/fair")) == one == 2


def test_nobody_is_left_in_a_campaign_that_was_paused(ask, staff):
    now = timezone.now()
    campaign = a_campaign(now=now, **running(now))
    approved(an_enrolment(campaign, now=now), now)

    said = ask(
        "POST",
        f"staff/campaigns/{campaign.slug}/transitions",
        {"action": "pause", "reason": "霜冻"},
        staff,
    ).json()

    assert (said["state"], said["skus"], said["waiting"]) == ("PAUSED", 0, 1)
