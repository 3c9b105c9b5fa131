"""Carriers are asked outside transactions, again and again, at last a person is."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.audit.actors import Actor
from core.outbox.models import Delivery
from logistics.parcels import tasks
from logistics.parcels.models import Parcel
from logistics.parcels.providers import registry
from logistics.parcels.providers.protocol import CarrierRefused
from logistics.parcels.services import asking, planning
from logistics.sandbox.models import Scan, Waybill
from logistics.sandbox.services import depot
from tests.factories.accounts import a_user
from tests.factories.parcels import SOON, a_scan, booked, hear, planned, told
from tests.fakes.carrier import DOWN, MoodyCarrier

pytestmark = pytest.mark.django_db


@pytest.fixture
def moody(monkeypatch):
    def install(*moods):
        carrier = MoodyCarrier(*moods)
        monkeypatch.setitem(registry._SANDBOX, "sandbox", carrier)
        return carrier

    return install


def fresh(parcel):
    return Parcel.objects.get(pk=parcel.pk)


def cancel(parcel, now):
    with transaction.atomic():
        assert planning.cancel(str(parcel.shop_order_reference), now=now)


def test_a_planned_parcel_gets_its_waybill_through_its_event(now):
    (parcel,) = planned(now)
    delivery = Delivery.objects.get(consumer="logistics.parcels.tasks.ask_carrier")

    for _ in range(2):
        tasks.ask_carrier(delivery_id=delivery.pk)

    parcel = fresh(parcel)
    assert parcel.state == "CREATED"
    assert parcel.waybill_no == Waybill.objects.get().number
    assert Delivery.objects.get(pk=delivery.pk).state == "DONE"
    assert [event.state for event in parcel.events.all()] == ["CREATED"]


def test_a_waybill_is_asked_for_even_if_the_event_is_never_heard(now):
    (parcel,) = planned(now)

    assert asking.ask_due(now=now) == 0
    assert asking.ask_due(now=now + SOON) == 1
    assert asking.ask_due(now=now + SOON) == 0

    assert fresh(parcel).state == "CREATED"


def test_asking_twice_orders_one_pick_up(now):
    (parcel,) = planned(now)

    for _ in range(3):
        asking.ask(parcel.pk, now=now)

    assert Waybill.objects.count() == 1
    assert fresh(parcel).waybill_no == Waybill.objects.get().number


def test_a_carrier_that_is_down_is_asked_later_and_later(now, moody):
    carrier = moody(DOWN("down"), OSError("no route"))
    (parcel,) = planned(now)

    asking.ask(parcel.pk, now=now)
    first = fresh(parcel)
    asking.ask(parcel.pk, now=now)
    second = fresh(parcel)
    asking.ask(parcel.pk, now=now)

    assert (first.attempts, first.next_attempt_at) == (1, now + timedelta(seconds=5))
    assert (second.attempts, second.next_attempt_at) == (2, now + timedelta(seconds=10))
    assert second.failure == "no route"
    assert (fresh(parcel).state, fresh(parcel).attempts) == ("CREATED", 0)
    assert [question for question, _ in carrier.asked] == ["book"] * 3


def test_after_the_last_attempt_a_parcel_waits_for_a_person_and_can_be_asked_about_again(
    now, moody
):
    moody(*[DOWN("down")] * asking.ATTEMPTS_MAX)
    (parcel,) = planned(now)

    for _ in range(asking.ATTEMPTS_MAX + 3):
        asking.ask(parcel.pk, now=now)

    parked = fresh(parcel)
    assert (parked.parked_at, parked.next_attempt_at, parked.state) == (now, None, "PLANNED")
    assert asking.ask_due(now=now + timedelta(days=9)) == 0
    person = Actor(a_user().pk)
    assert asking.rerun([parcel.pk], now=now, actor=person) == 1
    assert asking.rerun([parcel.pk], now=now, actor=person) == 0
    assert asking.ask_due(now=now) == 1
    assert fresh(parcel).state == "CREATED"


def test_a_carrier_that_refuses_for_good_is_not_asked_again(now, moody):
    moody(CarrierRefused("too heavy"))
    (parcel,) = planned(now)

    asking.ask(parcel.pk, now=now)

    assert (fresh(parcel).parked_at, fresh(parcel).failure) == (now, "too heavy")


def test_one_parcel_that_fails_does_not_keep_the_next_from_its_waybill(now, moody):
    moody(DOWN("down"))
    (first,), (second,) = planned(now), planned(now + timedelta(seconds=1))

    assert asking.ask_due(now=now + SOON + SOON) == 2

    assert [fresh(first).state, fresh(second).state] == ["PLANNED", "CREATED"]


def test_a_parcel_called_back_is_called_back_at_the_carrier(now):
    parcel = booked(now)
    cancel(parcel, now)

    assert asking.ask_due(now=now + SOON) == 1

    assert Waybill.objects.get().cancelled_at == now + SOON
    assert fresh(parcel).next_attempt_at is None
    assert asking.ask_due(now=now + timedelta(days=1)) == 0


def test_a_parcel_called_back_before_it_was_booked_costs_nothing(now):
    (parcel,) = planned(now)
    cancel(parcel, now)

    asking.ask_due(now=now + SOON)

    assert not Waybill.objects.exists()
    assert fresh(parcel).next_attempt_at is None


def test_a_parcel_called_back_while_its_waybill_is_asked_for_is_called_back_there_too(now, moody):
    (parcel,) = planned(now)
    carrier = moody()
    carrier.moods = [lambda: cancel(parcel, now)]

    asking.ask(parcel.pk, now=now)

    assert fresh(parcel).state == "CANCELLED"
    assert [question for question, _ in carrier.asked] == ["book", "cancel"]
    assert Waybill.objects.get().cancelled_at == now


def test_a_van_that_was_faster_than_the_call_back_is_a_matter_for_a_person(now):
    parcel = booked(now)
    depot.report(reference=parcel.reference, code="1", now=now)
    cancel(parcel, now)

    asking.ask_due(now=now + SOON)

    assert (fresh(parcel).state, fresh(parcel).parked_at) == ("CANCELLED", now + SOON)


def test_a_scan_of_a_parcel_called_back_is_a_matter_for_a_person(now):
    parcel = booked(now)
    cancel(parcel, now)

    parcel = hear(parcel, a_scan("COLLECTED", now), now=now)

    assert (parcel.state, parcel.parked_at) == ("CANCELLED", now)
    assert parcel.failure == "collected although it was called back"
    assert told("parcel_handed_over") == []


def test_a_carrier_that_never_calls_back_is_asked_for_news(now, settings):
    settings.MARKETPLACE_TRACKING_POLL_MINUTES = 30
    parcel = booked(now)
    depot.report(reference=parcel.reference, code="1", now=now)
    depot.report(reference=parcel.reference, code="3", now=now + timedelta(minutes=9))

    assert asking.ask_due(now=now + timedelta(minutes=29)) == 0
    assert asking.ask_due(now=now + timedelta(minutes=30)) == 1

    parcel = fresh(parcel)
    assert (parcel.state, parcel.signed_at) == ("SIGNED", now + timedelta(minutes=9))
    assert len(told("parcel_signed")) == len(told("parcel_handed_over")) == 1
    assert asking.ask_due(now=now + timedelta(days=9)) == 0


def test_the_practice_carrier_can_collect_and_deliver_by_itself(now, settings):
    settings.MARKETPLACE_SANDBOX_CARRIER_SECONDS = 5
    parcel = booked(now)
    for _ in range(2):
        asking.ask(parcel.pk, now=now)

    scans = Scan.objects.order_by("happens_at").values_list("code", "happens_at")

    assert list(scans) == [
        ("1", now + timedelta(seconds=5)),
        ("3", now + timedelta(seconds=10)),
    ]


def test_what_a_person_scans_happens_instead_of_what_would_have_happened_by_itself(now, settings):
    settings.MARKETPLACE_SANDBOX_CARRIER_SECONDS = 5
    parcel = booked(now)

    depot.report(reference=parcel.reference, code="14", now=now)

    assert list(Scan.objects.values_list("code", flat=True)) == ["14"]


def test_due_parcels_are_claimed_by_one_worker_at_a_time(now, moody):
    (parcel,) = planned(now)
    carrier = moody()
    carrier.moods = [lambda: asking.ask_due(now=now + SOON)]

    asking.ask_due(now=now + SOON)

    assert carrier.asked == [("book", str(parcel.reference))]
