"""Several at once at an enrolment: two officers, a shop that changes its mind, a late one."""

from functools import partial

import pytest

from core import reconciling
from core.audit.actors import SYSTEM, Actor
from core.audit.models import StateLog
from core.quotas.selectors import availability
from core.transactions import entry
from marketplace.activities.models import Activity
from marketplace.activities.selectors import offers
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import campaigns, enrolments, timekeeping
from tests.factories.campaigns import a_campaign, an_enrolment, an_offer, running
from tests.factories.catalogue import a_product
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def broken():
    names = ("campaigns.", "activities.", "quotas.", "catalogue.adjustments")
    asked = [name for name in reconciling.names() if name.startswith(names)]
    return [result.name for result in reconciling.run(asked) if not result.is_held]


def deciding(service, enrolment, now, **said):
    return partial(entry(service), enrolment, actor=SYSTEM, now=now, **said)


def without_looking(key):
    """Read an enrolment as if nobody else decided about it."""
    return Enrolment.objects.select_related("activity__sku").get(pk=key)


def blindly(rows, machine, action, *, actor, now, reason="", **changes):
    """Move a row wherever it stands, without a look at where that is."""
    [target] = set(machine.moves_of(action).values())
    Enrolment.objects.filter(pk__in=rows.values("pk")).update(state=target, **changes)


def unlocked(rows):
    """Read a campaign as if nobody else moved it."""
    return rows.select_related("section").get()


# --- Two officers ---------------------------------------------------------------------------------


def approve_twice(at_once, now, officers=4):
    enrolment = an_enrolment(product=a_product(stock=100), now=now)
    return enrolment, at_once(*[deciding(enrolments.approve, enrolment, now)] * officers)


def test_of_several_officers_one_approves_and_the_others_are_told(at_once, now):
    enrolment, outcomes = approve_twice(at_once, now)

    assert kinds(outcomes) == ["IllegalTransition"] * 3 + ["NoneType"]
    assert Activity.objects.count() == 1
    sku = enrolment.sku
    assert availability.left([sku.stock_quota_id]) == {sku.stock_quota_id: 90}
    assert broken() == []


def test_canary_without_the_locks_the_second_is_told_something_else(at_once, now, monkeypatch):
    monkeypatch.setattr(enrolments, "_locked_campaign", unlocked)
    monkeypatch.setattr(enrolments, "_locked", Meeting(4).after(without_looking))

    _, outcomes = approve_twice(at_once, now)

    # The net below: one price at an instant.
    assert kinds(outcomes) == ["ActivityOverlap"] * 3 + ["NoneType"]


# --- A shop that changes its mind -----------------------------------------------------------------


def withdraw_while_it_is_approved(at_once, now):
    enrolment = an_enrolment(product=a_product(stock=100), now=now)
    calls = [
        deciding(enrolments.withdraw, enrolment, now),
        deciding(enrolments.approve, enrolment, now),
    ]
    return enrolment, at_once(*calls * 2)


def test_what_is_withdrawn_is_never_sold(at_once, now):
    enrolment, outcomes = withdraw_while_it_is_approved(at_once, now)

    assert kinds(outcomes) == ["IllegalTransition"] * 3 + ["NoneType"]
    enrolment.refresh_from_db()
    assert enrolment.state in ("APPROVED", "WITHDRAWN")
    assert (enrolment.activity is not None) == (enrolment.state == "APPROVED")
    assert Activity.objects.count() == (enrolment.state == "APPROVED")
    assert broken() == []


def test_canary_without_compare_and_set_both_are_told_yes(at_once, now, monkeypatch):
    monkeypatch.setattr(enrolments, "advance_one", blindly)
    enrolment = an_enrolment(product=a_product(stock=100), now=now)
    at_once(deciding(enrolments.withdraw, enrolment, now))

    [outcome] = at_once(deciding(enrolments.withdraw, enrolment, now))

    assert outcome is None
    assert not StateLog.objects.filter(subject="enrolment", action="withdraw").exists()


# --- A campaign that stops ------------------------------------------------------------------------


def stop_while_it_is_approved(at_once, now, action="cancel"):
    campaign = a_campaign(now=now, **running(now))
    waiting = [an_enrolment(campaign, now=now) for _ in range(3)]
    calls = [deciding(enrolments.approve, enrolment, now) for enrolment in waiting]
    stop = partial(entry(campaigns.move), campaign, action, actor=SYSTEM, now=now, reason="霜冻")
    return waiting, at_once(*calls, stop)


@pytest.mark.parametrize("action", ["cancel", "pause"])
def test_what_has_stopped_sells_nothing_whoever_came_first(at_once, now, action):
    waiting, outcomes = stop_while_it_is_approved(at_once, now, action)

    assert set(kinds(outcomes)) <= {"Campaign", "NoneType", "IllegalTransition"}
    assert kinds(outcomes).count("Campaign") == 1
    assert offers.offers([enrolment.sku_id for enrolment in waiting], now=now) == {}
    assert not Enrolment.objects.filter(state="APPROVED").exists()
    assert broken() == []


def test_canary_without_a_look_at_the_campaign_a_price_counts_after_its_end(now, monkeypatch):
    campaign = a_campaign(now=now, **running(now))
    enrolment = an_enrolment(campaign, now=now)
    monkeypatch.setattr(enrolments, "reject_all", lambda *_, **__: None)
    entry(campaigns.move)(campaign, "cancel", actor=SYSTEM, now=now, reason="霜冻")
    monkeypatch.setattr(enrolments, "_locked_campaign", lambda _: campaign)
    campaign.state = "RUNNING"

    entry(enrolments.approve)(enrolment, actor=SYSTEM, now=now)

    assert "campaigns.prices_are_approved" in broken()


# --- Too late -------------------------------------------------------------------------------------


def enrol_while_it_ends(at_once, now):
    campaign = a_campaign(now=now, **running(now))
    products = [a_product() for _ in range(4)]
    calls = [
        partial(
            entry(enrolments.enrol),
            product.shop,
            campaign.slug,
            an_offer(product),
            actor=Actor(product.shop.members.get(role="OWNER").user_id),
            now=now,
        )
        for product in products
    ]
    stop = partial(entry(campaigns.move), campaign, "end", actor=SYSTEM, now=now, reason="售罄")
    return at_once(*calls, stop)


def test_nothing_waits_in_a_campaign_that_is_over(at_once, now):
    outcomes = enrol_while_it_ends(at_once, now)

    assert set(kinds(outcomes)) <= {"Campaign", "Enrolment", "EnrolmentClosed"}
    assert Enrolment.objects.count() == kinds(outcomes).count("Enrolment")
    assert not Enrolment.objects.filter(state="SUBMITTED").exists()
    assert broken() == []


def test_canary_without_the_lock_a_late_one_waits_for_ever(now, monkeypatch):
    campaign = a_campaign(now=now, **running(now))
    product = a_product()
    monkeypatch.setattr(enrolments, "_locked_campaign", lambda _: campaign)
    entry(campaigns.move)(campaign, "end", actor=SYSTEM, now=now, reason="售罄")

    entry(enrolments.enrol)(product.shop, campaign.slug, an_offer(product), actor=SYSTEM, now=now)

    assert broken() == ["campaigns.nothing_is_left_undecided"]


# --- Two sweeps -----------------------------------------------------------------------------------


def test_two_sweeps_start_a_campaign_once(at_once, now):
    for _ in range(5):
        a_campaign(now=now, **running(now))

    at_once(*[partial(timekeeping.keep_time, now=now)] * 4)
    timekeeping.keep_time(now=now)

    assert set(Campaign.objects.values_list("state", flat=True)) == {"RUNNING"}
    assert StateLog.objects.filter(subject="campaign", action="start").count() == 5
