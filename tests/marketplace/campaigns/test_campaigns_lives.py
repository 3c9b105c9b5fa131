"""Campaigns along their lives: made, scheduled, announced, started, paused, ended, cancelled."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.audit.models import StateLog
from core.errors import Busy, IllegalTransition, InvalidInput
from core.quotas.selectors import availability
from marketplace.activities.selectors import offers
from marketplace.activities.services import activities
from marketplace.campaigns.domain.states import state_at
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import campaigns, timekeeping, wrongs
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBatch
from tests.factories.campaigns import a_campaign, an_enrolment, approved, moved, running, windows
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget
from tests.factories.sections import a_section

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def state_of(campaign):
    return Campaign.objects.get(pk=campaign.pk).state


def held():
    names = [
        name
        for name in reconciling.names()
        if name.startswith(("campaigns.", "activities.", "catalogue."))
    ]
    return all(result.is_held for result in reconciling.run(names))


def edited(campaign, now, **changes):
    with transaction.atomic():
        return campaigns.edit(campaign, now=now, **changes)


def test_the_clock_announces_starts_and_ends_it(now):
    campaign = a_campaign(now=now, preheats_at=now + HOUR)

    assert timekeeping.keep_time(now=now + HOUR - SECOND) == 0
    for instant, state in (
        (now + HOUR, "PREHEAT"),
        (now + DAY, "RUNNING"),
        (now + 3 * DAY, "ENDED"),
    ):
        assert timekeeping.keep_time(now=instant) == 1
        assert state_of(campaign) == state
        assert timekeeping.keep_time(now=instant) == 0
    steps = StateLog.objects.filter(subject="campaign", subject_id=campaign.pk).order_by("id")
    assert [step.action for step in steps] == ["create", "schedule", "preheat", "start", "end"]


def test_the_clock_looks_often_enough_for_five_seconds(settings):
    for name in ("campaigns.keep-time", "activities.keep-time", "activities.refresh-cards"):
        assert settings.CELERY_BEAT_SCHEDULE[name]["schedule"] <= 3


def test_a_late_sweep_catches_up_at_once(now):
    first, second = a_campaign(now=now), a_campaign(now=now, **running(now))

    assert timekeeping.keep_time(now=now + 4 * DAY) == 2
    assert (state_of(first), state_of(second)) == ("ENDED", "ENDED")


@pytest.mark.parametrize(
    ("state", "hours", "shown"),
    [
        ("DRAFT", 30, "DRAFT"),
        ("SCHEDULED", -2, "SCHEDULED"),
        ("SCHEDULED", 0, "PREHEAT"),
        ("SCHEDULED", 24, "RUNNING"),
        ("PREHEAT", 24, "RUNNING"),
        ("RUNNING", 72, "ENDED"),
        ("PAUSED", 24, "PAUSED"),
        ("PAUSED", 72, "ENDED"),
        ("CANCELLED", 24, "CANCELLED"),
    ],
)
def test_where_it_stands_is_said_by_the_clock(now, state, hours, shown):
    found = {name: at for name, at in windows(now).items() if not name.startswith("enrol")}

    assert state_at(state, now=now + hours * HOUR, **found) == shown


def test_pausing_ends_its_prices_and_its_coupons_and_everything_waits_for_a_second_look(now):
    budget = a_budget()
    funding = (WantedFunding("PLATFORM", 10_000, budget.reference),)
    batch, other = a_batch(funding=funding), a_batch()
    campaign = a_campaign(now=now, budget=budget.reference, **running(now))
    product = a_product(stock=100)
    enrolment = approved(an_enrolment(campaign, product, now), now)
    sku = product.skus.get()
    assert offers.offers([sku.pk], now=now)[sku.pk].unit_price_fen == 990

    moved(campaign, "pause", now)

    assert offers.offers([sku.pk], now=now) == {}
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.activity) == ("SUBMITTED", None)
    assert CouponBatch.objects.get(pk=batch.pk).state == "PAUSED"
    assert CouponBatch.objects.get(pk=other.pk).state == "ACTIVE"
    activities.keep_time(now=now)
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 100}
    assert held()

    with pytest.raises(IllegalTransition):
        approved(enrolment, now)

    moved(campaign, "resume", now)
    approved(enrolment, now)
    timekeeping.keep_time(now=now)
    assert state_of(campaign) == "RUNNING"
    assert offers.offers([sku.pk], now=now)[sku.pk].unit_price_fen == 990
    assert held()


@pytest.mark.parametrize(("action", "state"), [("cancel", "REJECTED"), ("end", "APPROVED")])
def test_what_is_stopped_for_good_sells_nothing_more(now, action, state):
    campaign = a_campaign(now=now, **running(now))
    let_in = approved(an_enrolment(campaign, now=now), now)
    waiting = an_enrolment(campaign, now=now)

    moved(campaign, action, now)

    assert offers.offers([let_in.sku_id], now=now) == {}
    states = Enrolment.objects.in_bulk([let_in.pk, waiting.pk])
    assert (states[let_in.pk].state, states[waiting.pk].state) == (state, "REJECTED")
    assert held()
    for again in ("schedule", "pause", "resume", "end", "cancel"):
        with pytest.raises(IllegalTransition):
            moved(campaign, again, now)


@pytest.mark.parametrize("action", ["pause", "end", "cancel"])
def test_nobody_is_stopped_without_a_reason(now, action):
    campaign = a_campaign(now=now)

    with pytest.raises(wrongs.ReasonNeeded):
        moved(campaign, action, now, reason=" ")

    assert state_of(campaign) == "SCHEDULED"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ends_at": 24, "enrol_until": 20}, "/ends_at", "WINDOW_NOT_FORWARD"),
        ({"preheats_at": 25}, "/preheats_at", "PREHEAT_AFTER_START"),
        ({"enrol_until": -25}, "/enrol_until", "WINDOW_NOT_FORWARD"),
        ({"enrol_until": 73}, "/enrol_until", "ENROLMENT_AFTER_END"),
        ({"ends_at": 24 * 400}, "/ends_at", "WINDOW_TOO_LONG"),
    ],
)
def test_windows_that_make_no_sense_are_refused_one_by_one(now, changes, pointer, code):
    wanted = {name: now + hours * HOUR for name, hours in changes.items()}

    with pytest.raises(InvalidInput) as refused:
        a_campaign(now=now, **wanted)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]
    assert not Campaign.objects.exists()


def test_names_that_nothing_answers_to_are_told(now):
    with pytest.raises(InvalidInput) as refused:
        a_campaign(now=now, section="nowhere")

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/section", "UNKNOWN")
    ]


def test_a_slug_is_one_campaigns(now):
    a_campaign("double-eleven", now=now)

    with pytest.raises(campaigns.CampaignExists):
        a_campaign("double-eleven", now=now)


def test_windows_change_only_while_it_is_prepared_and_words_until_it_is_over(now):
    campaign = a_campaign(now=now, scheduled=False, organisation="湖北省农业农村厅")
    later = now + 4 * DAY

    campaign = edited(campaign, now, ends_at=later, section=a_section("hubei").slug)
    assert (campaign.ends_at, campaign.section.slug, campaign.version) == (later, "hubei", 2)

    campaign = moved(campaign, "schedule", now)
    campaign = edited(campaign, now, name="双十一", ends_at=later, section="hubei")
    assert (campaign.name, campaign.organisation.name) == ("双十一", "湖北省农业农村厅")
    for change in ({"ends_at": later + DAY}, {"slug": "another"}, {"section": ""}):
        with pytest.raises(IllegalTransition):
            edited(campaign, now, **change)
    campaign = moved(campaign, "cancel", now)
    with pytest.raises(IllegalTransition):
        edited(campaign, now, name="再见")


def test_of_two_editors_the_second_is_told(now):
    campaign = a_campaign(now=now)
    edited(campaign, now, name="第一")

    with pytest.raises(Busy):
        edited(campaign, now, name="第二")


def test_what_is_past_is_not_scheduled(now):
    campaign = a_campaign(now=now, scheduled=False)

    with pytest.raises(InvalidInput):
        moved(campaign, "schedule", now + 3 * DAY)


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ("ends_at = starts_at, enrol_until = starts_at", "window_is_forward"),
        ("preheats_at = starts_at + interval '1 second'", "window_is_forward"),
        ("enrol_until = ends_at + interval '1 second'", "enrolment_is_forward"),
        ("state = 'ENDED', next_attempt_at = NULL", "over_has_its_instant"),
        ("next_attempt_at = NULL", "is_never_forgotten"),
        ("slug = 'Double Eleven'", "slug_is_plain"),
        ("name = ''", "has_a_name"),
        ("kind = 'WHATEVER'", "kind_is_known"),
        ("state = 'GONE', next_attempt_at = NULL", "state_is_known"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(now, columns, name):
    a_campaign(now=now)

    with (
        pytest.raises(IntegrityError, match=f"campaigns_campaign_{name}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE campaigns_campaign SET {columns}")


def test_somebody_is_named_in_the_log(now):
    campaign = a_campaign(now=now)
    moved(campaign, "pause", now, reason="霜冻")

    step = StateLog.objects.get(subject="campaign", subject_id=campaign.pk, action="pause")

    assert (step.reason, step.actor_id) == ("霜冻", SYSTEM.user_id)
