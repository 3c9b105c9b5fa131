"""Reports are heard once each, in any order, and told on once."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import reconciling
from core.audit.models import StateLog
from core.errors import InvalidInput, NotFound
from logistics.parcels.domain.states import SCANNED
from logistics.parcels.models import Parcel, TrackingEvent
from logistics.parcels.providers.protocol import CarrierSignatureInvalid
from logistics.parcels.services import asking, tracking
from logistics.sandbox.domain import signatures
from tests.factories.parcels import a_scan, booked, hear, planned, told

pytestmark = pytest.mark.django_db
OURS = [
    "parcels.parcels_hold_something",
    "parcels.reports_explain_state",
    "parcels.waybills_are_asked_for",
]
LATER = timedelta(hours=3)


def broken():
    return [result.name for result in reconciling.run(OURS) if not result.is_held]


def test_a_parcel_is_collected_and_signed_for(now):
    parcel = booked(now)

    parcel = hear(parcel, a_scan("COLLECTED", now, 10), now=now + LATER)
    assert (parcel.state, parcel.handed_over_at) == ("COLLECTED", now + timedelta(minutes=10))
    parcel = hear(parcel, a_scan("SIGNED", now, 90), now=now + LATER)

    assert (parcel.state, parcel.signed_at) == ("SIGNED", now + timedelta(minutes=90))
    assert told("parcel_handed_over") == [
        {
            "shop_order_reference": str(parcel.shop_order_reference),
            "parcel_reference": str(parcel.reference),
            "line_references": [str(parcel.lines.get().line_reference)],
            "quantities": [2],
        }
    ]
    assert told("parcel_signed") == [
        {
            "shop_order_reference": str(parcel.shop_order_reference),
            "parcel_reference": str(parcel.reference),
            "at": (now + timedelta(minutes=90)).isoformat(),
        }
    ]
    log = StateLog.objects.filter(subject="parcel", subject_id=parcel.pk).order_by("pk")
    assert list(log.values_list("to_state", flat=True)) == [
        "PLANNED",
        "CREATED",
        "COLLECTED",
        "SIGNED",
    ]
    assert broken() == []


def test_a_signature_that_overtook_the_pick_up_tells_both_once(now):
    parcel = booked(now)

    hear(parcel, a_scan("SIGNED", now, 90), now=now + LATER)
    parcel = hear(parcel, a_scan("COLLECTED", now, 10), now=now + LATER)

    assert (parcel.state, parcel.signed_at) == ("SIGNED", now + timedelta(minutes=90))
    assert parcel.handed_over_at == now + timedelta(minutes=10)
    assert len(told("parcel_handed_over")) == len(told("parcel_signed")) == 1


def test_a_report_heard_twice_is_kept_once(now):
    parcel = booked(now)
    scan = a_scan("COLLECTED", now, 10)

    for _ in range(3):
        hear(parcel, scan, now=now + LATER)

    assert TrackingEvent.objects.filter(state="COLLECTED").count() == 1
    assert len(told("parcel_handed_over")) == 1


def test_reports_that_overtake_the_waybill_count_once_it_is_there(now):
    (parcel,) = planned(now)

    early = hear(parcel, a_scan("COLLECTED", now), now=now)
    assert (early.state, told("parcel_handed_over")) == ("PLANNED", [])
    asking.ask(parcel.pk, now=now + LATER)

    assert Parcel.objects.get(pk=parcel.pk).state == "COLLECTED"
    assert len(told("parcel_handed_over")) == 1


def test_a_report_from_the_future_is_refused(now):
    parcel = booked(now)

    with pytest.raises(InvalidInput):
        tracking.hear(str(parcel.reference), [a_scan("SIGNED", now, 61)], now=now)

    assert Parcel.objects.get(pk=parcel.pk).state == "CREATED"


def test_a_parcel_that_nobody_knows_is_not_found(now):
    with pytest.raises(NotFound):
        tracking.hear(str(uuid4()), [a_scan("SIGNED", now)], now=now)

    assert not TrackingEvent.objects.exists()


steps = st.lists(
    st.tuples(st.sampled_from(SCANNED), st.integers(0, 6)), min_size=1, max_size=5, unique=True
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, random=st.randoms(use_true_random=False))
def test_any_order_and_any_doubling_of_reports_ends_in_the_same(now, steps, random):
    scans = [a_scan(state, now, minutes) for state, minutes in steps]
    mixed = scans + random.sample(scans, random.randint(0, len(scans)))
    random.shuffle(mixed)
    ends = []
    for order in (scans, mixed):
        parcel = booked(now)
        before = len(told("parcel_handed_over"))
        for scan in order:
            parcel = hear(parcel, scan, now=now + LATER)
        assert len(told("parcel_handed_over")) == before + 1
        ends.append((parcel.state, parcel.handed_over_at, parcel.signed_at))

    assert ends[0] == ends[1]
    assert broken() == []


def callback(parcel_reference, now, **changes):
    said = {
        "event_id": str(uuid4()),
        "sender_reference": str(parcel_reference),
        "number": "SB1",
        "state": "1",
        "at": now.isoformat(),
        **changes,
    }
    return json.dumps(said).encode()


def headers(body, now, secret=None):
    timestamp = str(int(now.timestamp()))
    signature = signatures.sign(secret or configured.SECRET_KEY, timestamp=timestamp, body=body)
    return {"Carrier-Timestamp": timestamp, "Carrier-Signature": signature}


def test_a_callback_is_believed_only_with_its_signature(now):
    parcel = booked(now)
    body = callback(parcel.reference, now)
    good = headers(body, now)

    for wrong in (
        {},
        {**good, "Carrier-Signature": "0" * 64},
        {**good, "Carrier-Signature": "签名"},
        {**good, "Carrier-Timestamp": "1"},
        {**good, "Carrier-Timestamp": "x"},
        headers(body, now, secret="another"),
        headers(body + b" ", now),
        headers(body, now - timedelta(minutes=6)),
    ):
        with pytest.raises(CarrierSignatureInvalid):
            tracking.take_callback("sandbox", headers=wrong, body=body, now=now)
    assert Parcel.objects.get(pk=parcel.pk).state == "CREATED"
    tracking.take_callback("sandbox", headers=good, body=body, now=now)

    assert Parcel.objects.get(pk=parcel.pk).state == "COLLECTED"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"null",
        b"{}",
        b'{"event_id": 5}',
        b'{"event_id": "x", "sender_reference": "y", "state": "1", "at": "z"}',
    ],
)
def test_a_signed_callback_that_cannot_be_read_is_refused(now, body):
    with pytest.raises(InvalidInput):
        tracking.take_callback("sandbox", headers=headers(body, now), body=body, now=now)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "77"},
        {"state": 1},
        {"at": "yesterday"},
        {"at": "2026-11-11T12:00:00"},
        {"event_id": "x"},
        {"sender_reference": None},
    ],
)
def test_a_signed_callback_with_a_wrong_value_changes_nothing(now, changes):
    parcel = booked(now)
    body = callback(parcel.reference, now, **changes)

    with pytest.raises(InvalidInput):
        tracking.take_callback("sandbox", headers=headers(body, now), body=body, now=now)

    assert Parcel.objects.get(pk=parcel.pk).state == "CREATED"


@pytest.mark.parametrize(
    ("corruption", "name"),
    [
        ("UPDATE parcels_parcel SET state = 'IN_TRANSIT'", "parcels.reports_explain_state"),
        ("DELETE FROM parcels_trackingevent", "parcels.reports_explain_state"),
        (
            "UPDATE parcels_parcel SET signed_at = now()",
            "parcels.reports_explain_state",
        ),
        ("DELETE FROM parcels_parcelline", "parcels.parcels_hold_something"),
    ],
)
def test_a_corrupted_parcel_is_reported(now, corruption, name):
    hear(booked(now), a_scan("COLLECTED", now), now=now)
    assert broken() == []

    with connection.cursor() as cursor:
        cursor.execute(corruption)

    assert broken() == [name]


def test_a_parcel_that_nobody_asks_about_is_reported(now):
    planned(now)
    assert broken() == []

    Parcel.objects.update(next_attempt_at=None)

    assert broken() == ["parcels.waybills_are_asked_for"]
