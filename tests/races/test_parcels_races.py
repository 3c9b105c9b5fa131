"""Carriers, sellers and the market touch one parcel at the same instant."""

import threading
from functools import partial

import pytest
from django.db import transaction

from core import reconciling
from core.transactions import entry
from logistics.parcels.models import Parcel, TrackingEvent
from logistics.parcels.services import asking, planning, tracking
from logistics.sandbox.models import Waybill
from tests.factories.parcels import SOON, a_content, a_scan, booked, hear, planned, told
from tests.support.meeting import Meeting, until_set

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PROMISES = [
    "parcels.parcels_hold_something",
    "parcels.reports_explain_state",
    "parcels.waybills_are_asked_for",
]


def assert_promises_hold():
    assert [result.name for result in reconciling.run(PROMISES) if not result.is_held] == []


def report(parcel, now, state, minutes):
    return partial(
        tracking.hear, str(parcel.reference), [a_scan(state, now, minutes)], now=now + 100 * SOON
    )


def test_reports_at_the_same_instant_are_told_on_once(now, at_once):
    parcel = booked(now)

    outcomes = at_once(
        report(parcel, now, "SIGNED", 9),
        report(parcel, now, "SIGNED", 9),
        report(parcel, now, "COLLECTED", 1),
        report(parcel, now, "COLLECTED", 1),
        report(parcel, now, "DELIVERING", 7),
        report(parcel, now, "PROBLEM", 5),
    )

    assert outcomes == [None] * 6
    assert Parcel.objects.get().state == "SIGNED"
    assert TrackingEvent.objects.exclude(state="CREATED").count() == 4
    assert len(told("parcel_handed_over")) == len(told("parcel_signed")) == 1
    assert_promises_hold()


def two_reports(now, at_once, monkeypatch):
    """Let two reports add up, each pausing until the other has added up as well."""
    parcel = booked(now)
    monkeypatch.setattr(tracking, "_journey", Meeting(2).after(tracking._journey))
    return at_once(report(parcel, now, "COLLECTED", 1), report(parcel, now, "DELIVERING", 7))


def test_two_reports_queue_up_and_the_second_sees_the_first(now, at_once, monkeypatch):
    assert two_reports(now, at_once, monkeypatch) == [None, None]

    assert Parcel.objects.get().state == "DELIVERING"
    assert len(told("parcel_handed_over")) == 1


def test_canary_without_the_lock_a_hand_over_is_told_twice(now, at_once, monkeypatch):
    monkeypatch.setattr(
        tracking, "_locked", lambda reference: Parcel.objects.get(reference=reference)
    )

    two_reports(now, at_once, monkeypatch)

    assert len(told("parcel_handed_over")) == 2


def call_back(parcel, now):
    return entry(planning.cancel)(str(parcel.shop_order_reference), now=now)


def test_a_van_and_a_call_back_at_the_same_instant_have_one_winner(now, at_once):
    for _ in range(4):
        parcel = booked(now)

        _, called_back = at_once(
            report(parcel, now, "COLLECTED", 1), partial(call_back, parcel, now)
        )

        parcel = Parcel.objects.get(pk=parcel.pk)
        was_told = str(parcel.reference) in {
            fact["parcel_reference"] for fact in told("parcel_handed_over")
        }
        assert (called_back, parcel.state, was_told, parcel.parked_at is not None) in {
            (True, "CANCELLED", False, True),
            (False, "COLLECTED", True, False),
        }
    assert_promises_hold()


def collected_while_called_back(now, at_once, monkeypatch):
    """Let the van's report come between the look at a parcel and its calling back."""
    parcel = booked(now)
    looked, reported = threading.Event(), threading.Event()
    advance = planning.advance

    def pausing(*args, **kwargs):
        looked.set()
        until_set(reported)
        return advance(*args, **kwargs)

    monkeypatch.setattr(planning, "advance", pausing)

    def van():
        assert looked.wait(timeout=20)
        hear(parcel, a_scan("COLLECTED", now), now=now)
        reported.set()

    outcomes = at_once(partial(call_back, parcel, now), van)
    return outcomes, Parcel.objects.get(pk=parcel.pk)


def test_a_parcel_looked_at_stays_as_it_was_until_it_is_called_back(now, at_once, monkeypatch):
    outcomes, parcel = collected_while_called_back(now, at_once, monkeypatch)

    assert (outcomes[0], parcel.state) == (True, "CANCELLED")
    assert told("parcel_handed_over") == []


def test_canary_without_the_lock_a_collected_parcel_counts_as_called_back(
    now, at_once, monkeypatch
):
    monkeypatch.setattr(Parcel.objects, "select_for_update", lambda **_: Parcel.objects.all())
    monkeypatch.setattr(
        tracking, "_locked", lambda reference: Parcel.objects.get(reference=reference)
    )

    outcomes, parcel = collected_while_called_back(now, at_once, monkeypatch)

    assert (outcomes[0], parcel.state) == (True, "COLLECTED")


def test_workers_asking_at_once_order_one_pick_up_and_one_waybill(now, at_once):
    (parcel,) = planned(now)

    outcomes = at_once(
        *(partial(asking.ask, parcel.pk, now=now) for _ in range(3)),
        *(partial(asking.ask_due, now=now + SOON) for _ in range(3)),
    )

    assert not any(isinstance(outcome, Exception) for outcome in outcomes)
    assert Parcel.objects.get().waybill_no == Waybill.objects.get().number
    assert TrackingEvent.objects.count() == 1
    assert_promises_hold()


def test_a_shop_order_planned_by_many_at_once_is_planned_once(now, at_once):
    (first,) = planned(now)
    contents = [a_content(), a_content("CHILLED")]
    shop_order = "7d6f5b8e-6d3c-4f59-a0a5-0f3f3f1c2d4e"

    def plan():
        with transaction.atomic():
            return planning.plan(
                shop_order_reference=shop_order,
                shop_id=first.shop_id,
                contents=contents,
                to=planning.Destination("王小明", "13812345678", "310101", "人民路1号"),
                now=now,
            )

    outcomes = at_once(*(plan for _ in range(6)))

    assert {type(outcome).__name__ for outcome in outcomes} <= {"list", "Busy"}
    assert Parcel.objects.filter(shop_order_reference=shop_order).count() == 2
    assert len(told("parcel_planned")) == 3
