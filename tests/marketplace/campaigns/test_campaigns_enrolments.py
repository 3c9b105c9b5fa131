"""What shops offer to campaigns: enrolled, withdrawn, approved, rejected."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.quotas.selectors import availability
from marketplace.activities.models import Activity
from marketplace.activities.selectors import offers
from marketplace.activities.services.activities import ActivityOverlap
from marketplace.campaigns.models import Enrolment
from marketplace.campaigns.services import enrolments, timekeeping
from marketplace.sections.services.pins import SectionOriginMismatch
from shops.catalogue.services.stock import StockTooLow
from tests.factories.activities import an_activity
from tests.factories.campaigns import (
    a_campaign,
    an_enrolment,
    an_offer,
    approved,
    moved,
    running,
    windows,
)
from tests.factories.catalogue import a_product
from tests.factories.sections import a_section

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def broken():
    names = [
        name
        for name in reconciling.names()
        if name.startswith(("campaigns.", "activities.", "catalogue."))
    ]
    return [result.name for result in reconciling.run(names) if not result.is_held]


def withdrawn(enrolment, now):
    with transaction.atomic():
        enrolments.withdraw(enrolment, actor=SYSTEM, now=now)


def rejected(enrolment, now, reason="价格太高"):
    with transaction.atomic():
        enrolments.reject(enrolment, actor=SYSTEM, now=now, reason=reason)


def test_an_approval_prices_the_sku_for_the_time_of_the_campaign(now):
    campaign, product = a_campaign(now=now), a_product(stock=100)
    sku = product.skus.get()
    enrolment = an_enrolment(campaign, product, now, quantity=30, per_user_limit=2)
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 100}

    activity = approved(enrolment, now).activity

    assert (activity.kind, activity.price_fen, activity.quantity) == ("PRICE", 990, 30)
    assert activity.per_user_limit == 2
    assert (activity.starts_at, activity.ends_at) == (campaign.starts_at, campaign.ends_at)
    assert activity.campaign_reference == campaign.reference
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 70}
    assert offers.offers([sku.pk], now=campaign.starts_at - HOUR) == {}
    offer = offers.offers([sku.pk], now=campaign.starts_at)[sku.pk]
    assert (offer.unit_price_fen, offer.campaign_reference) == (990, str(campaign.reference))
    assert broken() == []


def test_an_approval_while_it_runs_counts_from_now(now):
    campaign = a_campaign(now=now, **running(now))

    assert approved(an_enrolment(campaign, now=now), now).activity.starts_at == now


def test_a_sku_that_has_a_price_already_is_refused_and_nothing_moves(now):
    campaign, product = a_campaign(now=now), a_product(stock=100)
    enrolment = an_enrolment(campaign, product, now)
    an_activity(product, now, starts_at=campaign.ends_at - HOUR, ends_at=campaign.ends_at + HOUR)

    with pytest.raises(ActivityOverlap):
        approved(enrolment, now)

    enrolment.refresh_from_db()
    assert (enrolment.state, Activity.objects.count()) == ("SUBMITTED", 1)
    assert broken() == []


def test_a_sku_is_in_two_campaigns_of_the_same_time_only_once_approved(now):
    product = a_product(stock=100)
    first, second = (an_enrolment(a_campaign(now=now), product, now) for _ in range(2))
    approved(first, now)

    with pytest.raises(ActivityOverlap):
        approved(second, now)


def test_more_than_there_is_is_not_approved(now):
    enrolment = an_enrolment(product=a_product(stock=5), now=now, quantity=6)

    with pytest.raises(StockTooLow):
        approved(enrolment, now)


def test_it_is_decided_once(now):
    enrolment = an_enrolment(now=now)
    approved(enrolment, now)

    with pytest.raises(IllegalTransition):
        approved(enrolment, now)
    with pytest.raises(IllegalTransition):
        withdrawn(enrolment, now)


def test_an_approval_is_taken_back_and_its_price_ends(now):
    campaign, product = a_campaign(now=now, **running(now)), a_product(stock=100)
    sku = product.skus.get()
    enrolment = approved(an_enrolment(campaign, product, now), now)

    rejected(enrolment, now, "图片与实物不符")

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.remark) == ("REJECTED", "图片与实物不符")
    assert enrolment.activity is None
    assert offers.offers([sku.pk], now=now) == {}
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 100}
    assert broken() == []
    with pytest.raises(IllegalTransition):
        rejected(enrolment, now)


@pytest.mark.parametrize("leave", [withdrawn, rejected])
def test_who_left_may_come_again(now, leave):
    campaign, product = a_campaign(now=now), a_product()
    leave(an_enrolment(campaign, product, now), now)

    again = an_enrolment(campaign, product, now, price_fen=880)

    assert (again.state, Enrolment.objects.count()) == ("SUBMITTED", 2)


def test_a_sku_is_enrolled_once(now):
    campaign, product = a_campaign(now=now), a_product()
    an_enrolment(campaign, product, now)

    with pytest.raises(enrolments.AlreadyEnrolled):
        an_enrolment(campaign, product, now)


@pytest.mark.parametrize("hours", [-25, 48, 72])
def test_outside_its_window_nobody_enrols_whatever_the_sweep_did(now, hours):
    campaign = a_campaign(now=now)

    with pytest.raises(enrolments.EnrolmentClosed):
        an_enrolment(campaign, now=now + hours * HOUR)

    assert not Enrolment.objects.exists()


def test_nobody_enrols_in_what_is_paused_or_over(now):
    campaign = a_campaign(now=now)
    moved(campaign, "pause", now)
    with pytest.raises(NotFound):
        an_enrolment(campaign, now=now)
    moved(campaign, "end", now)
    with pytest.raises(enrolments.EnrolmentClosed):
        an_enrolment(campaign, now=now)


def test_a_draft_is_not_there(now):
    with pytest.raises(NotFound):
        an_enrolment(a_campaign(now=now, scheduled=False), now=now)


def test_a_shop_enrols_its_own_goods_below_their_price(now):
    campaign, product, other = a_campaign(now=now), a_product(price_fen=990), a_product()
    cases = [
        (an_offer(other), "OUTSIDE_THE_SHOP"),
        (an_offer(product, sku=campaign.reference), "UNKNOWN"),
        (an_offer(product, price_fen=990), "PRICE_NOT_BELOW_LIST"),
    ]
    for offer, code in cases:
        with pytest.raises(InvalidInput) as refused, transaction.atomic():
            enrolments.enrol(product.shop, campaign.slug, offer, actor=SYSTEM, now=now)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_goods_come_from_where_the_section_says(now):
    section = a_section("hunan", regions=["430000"])
    campaign = a_campaign(now=now, section=section.slug)

    with pytest.raises(SectionOriginMismatch):
        an_enrolment(campaign, now=now)

    assert an_enrolment(campaign, a_product(origin="430426"), now)


def test_what_nobody_decided_about_lapses_with_the_campaign(now):
    enrolment = an_enrolment(a_campaign(now=now), now=now)

    timekeeping.keep_time(now=now + 3 * DAY)

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.remark) == ("REJECTED", timekeeping.OVER_UNDECIDED)
    assert broken() == []


def test_after_the_end_nothing_is_approved_even_if_the_sweep_is_late(now):
    enrolment = an_enrolment(a_campaign(now=now), now=now)

    with pytest.raises(IllegalTransition):
        approved(enrolment, windows(now)["ends_at"])


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ("state = 'APPROVED', decided_at = now()", "approved_has_its_activity"),
        ("state = 'REJECTED'", "decided_has_its_instant"),
        ("quantity = 0", "figures_are_positive"),
        ("state = 'GONE', decided_at = now()", "state_is_known"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(now, columns, name):
    an_enrolment(now=now)

    with (
        pytest.raises(IntegrityError, match=f"campaigns_enrolment_{name}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE campaigns_enrolment SET {columns}")
