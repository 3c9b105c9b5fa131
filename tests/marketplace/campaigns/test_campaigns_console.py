"""Campaigns in the staff console: planned, copied, stopped, seen at a glance; offers decided."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.audit.models import StateLog
from core.periods import SHANGHAI
from marketplace.activities.selectors import offers
from marketplace.campaigns.admin import drawing
from marketplace.campaigns.domain import templates
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.coupons.models import CouponBatch
from tests.factories.campaigns import a_campaign, an_enrolment, approved, running
from tests.factories.catalogue import a_product
from tests.factories.coupons import WantedFunding, a_batch, a_budget
from tests.factories.sections import a_section
from tests.support import desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def manager(db):
    return desk.seat(desk.staff(Role.CAMPAIGN_MANAGER), "en")


def calendar(browser, **query):
    return browser.get(reverse("admin:campaigns_campaign_calendar"), query).content.decode()


def plan(browser, **said):
    address = reverse("admin:campaigns_campaign_add")
    return browser.post(address, {"template": "PLAIN", "slug": "fair", **said})


def test_a_campaign_is_planned_from_a_template(manager):
    starts_at = (timezone.now() + 60 * DAY).astimezone(SHANGHAI).replace(second=0, microsecond=0)

    answer = plan(manager, template="SINGLES_DAY", starts_at=f"{starts_at:%Y-%m-%d %H:%M}")

    campaign = Campaign.objects.get()
    assert answer.url == desk.one(campaign)
    assert (campaign.name, campaign.kind, campaign.state) == ("双十一助农", "FESTIVAL", "DRAFT")
    assert campaign.starts_at == starts_at
    assert campaign.ends_at - campaign.starts_at == DAY
    assert campaign.starts_at - campaign.preheats_at == 10 * DAY
    assert campaign.starts_at - campaign.enrol_from == 30 * DAY


def test_what_is_said_comes_before_what_the_template_says(manager):
    starts_at = timezone.now() + 60 * DAY
    said = {"starts_at": f"{starts_at:%Y-%m-%d} 20:00", "ends_at": f"{starts_at:%Y-%m-%d} 22:00"}

    plan(manager, template="HARVEST", name="苹果节", **said)

    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.name_en) == ("苹果节", "Harvest festival")
    assert campaign.ends_at - campaign.starts_at == timedelta(hours=2)


def test_what_makes_no_sense_is_said_at_its_field(manager):
    starts_at = timezone.now() + 60 * DAY
    said = {"starts_at": f"{starts_at:%Y-%m-%d} 20:00", "ends_at": f"{starts_at:%Y-%m-%d} 19:00"}

    errors = desk.errors_of(plan(manager, name="苹果节", **said))
    nameless = desk.errors_of(plan(manager, starts_at=said["starts_at"]))

    assert list(errors) == ["ends_at"]
    assert list(nameless) == ["name"]
    assert not Campaign.objects.exists()


def test_a_campaign_is_copied_to_another_year(manager):
    section, budget = a_section(), a_budget()
    source = a_campaign("autumn", now=timezone.now(), section=section.slug, budget=budget.reference)
    later = (source.starts_at + 365 * DAY).astimezone(SHANGHAI).replace(second=0, microsecond=0)

    desk.do(manager, source, "copy", {"slug": "next", "starts_at": f"{later:%Y-%m-%d %H:%M}"})

    copy = Campaign.objects.get(slug="next")
    assert (copy.name, copy.section, copy.budget, copy.state) == (
        source.name,
        section,
        budget,
        "DRAFT",
    )
    assert copy.starts_at == later
    windows = [{name: getattr(one, name) for name in templates.WINDOWS} for one in (source, copy)]
    assert templates.moved(windows[0], later) == windows[1]


def test_an_edit_is_guarded_by_what_the_form_was_shown(manager):
    campaign = a_campaign(now=timezone.now(), scheduled=False)
    page = manager.get(desk.one(campaign).replace("change/", "do/edit/"))
    shown = page.context["adminform"].form.initial
    said = {
        name: f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        if isinstance(value, datetime)
        else value
        for name, value in shown.items()
    }

    desk.do(manager, campaign, "edit", said | {"name": "第一"})
    again = desk.do(manager, campaign, "edit", said | {"name": "第二"})

    campaign.refresh_from_db()
    assert campaign.name == "第一"
    assert again.status_code == 200


def test_everything_of_a_campaign_is_paused_with_one_reason(manager):
    now, budget = timezone.now(), a_budget()
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    batch = a_batch(funding=funding)
    campaign = a_campaign(now=now, budget=budget.reference, **running(now))
    enrolment = approved(an_enrolment(campaign, now=now), now)

    refused = desk.act(manager, "pause", campaign)
    assert "Say why" in refused
    desk.act(manager, "pause", campaign, reason="山火")

    campaign.refresh_from_db()
    assert campaign.state == "PAUSED"
    assert CouponBatch.objects.get(pk=batch.pk).state == "PAUSED"
    assert offers.offers([enrolment.sku_id], now=timezone.now()) == {}
    steps = StateLog.objects.filter(reason="山火").values_list("subject", "action")
    assert set(steps) == {
        ("campaign", "pause"),
        ("enrolment", "suspend"),
        ("coupon_batch", "pause"),
        ("activity", "end"),
    }
    assert "山火" in manager.get(desk.one(campaign)).content.decode()


def test_many_offers_are_decided_at_once_and_no_refusal_stops_the_rest(manager):
    now = timezone.now()
    campaign, scarce = a_campaign(now=now), a_product(stock=3)
    good = [an_enrolment(campaign, now=now) for _ in range(3)]
    too_much = an_enrolment(campaign, scarce, now, quantity=9)

    shown = desk.act(manager, "approve", *good, too_much)
    assert "3 done." in shown
    assert "STOCK_TOO_LOW" in shown
    assert Enrolment.objects.filter(state="APPROVED").count() == 3

    assert "Say why" in desk.act(manager, "reject", too_much)
    desk.act(manager, "reject", too_much, reason="库存不足")
    desk.act(manager, "revoke", good[0], reason="图片不符")
    states = [Enrolment.objects.get(pk=one.pk).state for one in (too_much, *good)]
    assert states == ["REJECTED", "REJECTED", "APPROVED", "APPROVED"]


def test_the_calendar_shows_a_quarter_or_a_month(manager, now):
    a_campaign("double-eleven", now=now, name_en="Singles Day")

    assert "Singles Day" in calendar(manager, span="quarter", **{"from": "2026-10-01"})
    assert "Q4 2026" in calendar(manager, span="quarter", **{"from": "2026-11-11"})
    assert "Singles Day" in calendar(manager, span="month", **{"from": "2026-11-30"})
    assert "Singles Day" not in calendar(manager, span="month", **{"from": "2026-12-01"})
    assert "Singles Day" not in calendar(manager, span="quarter", **{"from": "2027-01-01"})
    for odd in ({"from": "yesterday"}, {"span": "decade"}, {"from": "9999-12-31"}):
        assert "Campaign calendar" in calendar(manager, **odd)


def test_the_calendar_costs_the_same_however_full_it_is(manager, queries_of, now):
    a_campaign(now=now)
    ask = {"span": "quarter", "from": "2026-10-01"}
    calendar(manager, **ask)
    one = queries_of(lambda: calendar(manager, **ask))
    for _ in range(5):
        a_campaign(now=now)

    assert queries_of(lambda: calendar(manager, **ask)) == one


@pytest.mark.parametrize(
    ("kind", "day", "first", "before", "left", "right"),
    [
        ("month", (2026, 1, 31), (2026, 1, 1), (2026, 2, 1), (2025, 12, 1), (2026, 2, 1)),
        ("month", (2026, 12, 5), (2026, 12, 1), (2027, 1, 1), (2026, 11, 1), (2027, 1, 1)),
        ("quarter", (2026, 11, 11), (2026, 10, 1), (2027, 1, 1), (2026, 7, 1), (2027, 1, 1)),
        ("quarter", (2020, 2, 29), (2020, 1, 1), (2020, 4, 1), (2019, 10, 1), (2020, 4, 1)),
    ],
)
def test_months_and_quarters_follow_one_another(kind, day, first, before, left, right):
    span = drawing.span_of(kind, date(*day))

    assert (span.first, span.before) == (date(*first), date(*before))
    assert span.beside(-1).first == date(*left)
    assert span.beside(1).first == date(*right)


def test_who_runs_a_section_sees_its_campaigns_and_changes_none(now):
    section = a_section("hubei", regions=["420000"])
    own = a_campaign("own", now=now, section=section.slug, name_en="Own fair")
    a_campaign("other", now=now, name_en="Other fair")
    official = desk.seat(desk.staff(Role.SECTION_MANAGER, "420000"), "en")
    ask = {"span": "quarter", "from": "2026-10-01"}

    for shown in (official.get(desk.listed_of(own)).content.decode(), calendar(official, **ask)):
        assert "Own fair" in shown
        assert "Other fair" not in shown
    desk.act(official, "cancel", own, reason="试")
    assert desk.do(official, own, "copy", {"slug": "x"}).status_code == 403
    own.refresh_from_db()
    assert own.state == "SCHEDULED"
    elsewhere = desk.seat(desk.staff(Role.SECTION_MANAGER, "430000"), "en")
    assert elsewhere.get(desk.one(own)).status_code == 404
    stranger = desk.seat(desk.staff(Role.OPERATOR), "en")
    assert stranger.get(reverse("admin:campaigns_campaign_calendar")).status_code == 403
