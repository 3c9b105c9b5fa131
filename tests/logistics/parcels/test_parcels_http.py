"""Scans over real HTTP: a person tells the practice carrier, and it tells us, signed."""

import json
import threading
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from logistics.parcels.models import Parcel, TrackingEvent
from logistics.sandbox import tasks
from logistics.sandbox.models import Scan
from logistics.sandbox.services import calling_back, depot
from tests.factories.parcels import booked, planned, told

CALLBACKS = "/api/v1/logistics/sandbox/callbacks"


def scan(parcel_reference, body):
    address = f"/api/v1/sandbox/parcels/{parcel_reference}/events"
    return APIClient().post(address, body, format="json")


@pytest.mark.django_db(transaction=True)
def test_a_scan_by_hand_comes_back_as_a_signed_callback(live_server, settings):
    settings.MARKETPLACE_PUBLIC_URL = live_server.url
    parcel = booked(timezone.now())

    for state in ("COLLECTED", "SIGNED"):
        assert scan(parcel.reference, {"state": state}).status_code == 202
        tasks.call_back()
        assert Parcel.objects.get(pk=parcel.pk).state == state

    assert not Scan.objects.filter(answered_at__isnull=True).exists()
    assert len(told("parcel_signed")) == len(told("parcel_handed_over")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_callback_that_nobody_answers_is_sent_again_and_a_lost_parcel_is_let_go(
    live_server, settings
):
    now = timezone.now()
    parcel = booked(now)
    settings.MARKETPLACE_PUBLIC_URL = "http://127.0.0.1:9"
    depot.report(reference=parcel.reference, code="1", now=now)

    assert calling_back.send_due(now=now) == 0
    assert calling_back.send_due(now=now) == 0
    settings.MARKETPLACE_PUBLIC_URL = live_server.url
    assert calling_back.send_due(now=now + calling_back.LEASE) == 1
    assert Parcel.objects.get(pk=parcel.pk).state == "COLLECTED"

    stranger = uuid4()
    depot.book(reference=stranger, by_itself_s=0, now=now)
    depot.report(reference=stranger, code="1", now=now)
    assert calling_back.send_due(now=now) == 1
    assert not Scan.objects.filter(answered_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_callbacks_are_sent_while_nothing_is_locked(live_server, settings, monkeypatch):
    """A carrier's own rows are free while it is on the wire."""
    now = timezone.now()
    settings.MARKETPLACE_PUBLIC_URL = live_server.url
    parcel = booked(now)
    depot.report(reference=parcel.reference, code="1", now=now)
    sent, seen = calling_back.send_all, []

    def look_then_send(posts):
        def look():
            with transaction.atomic():
                seen.extend(Scan.objects.select_for_update(nowait=True).order_by("pk"))
            connection.close()

        other = threading.Thread(target=look)
        other.start()
        other.join(timeout=10)
        return sent(posts)

    monkeypatch.setattr(calling_back, "send_all", look_then_send)

    assert calling_back.send_due(now=now) == 1
    assert [row.code for row in seen] == ["1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"state": "LOST"}, "/state", "INVALID_CHOICE"),
        ({"state": "PLANNED"}, "/state", "INVALID_CHOICE"),
        ({"state": 3}, "/state", "NOT_TEXT"),
        ({}, "/state", "REQUIRED"),
        ({"state": "SIGNED", "at": "now"}, "/at", "UNKNOWN_FIELD"),
    ],
)
def test_a_scan_that_cannot_be_is_refused(now, body, pointer, code):
    parcel = booked(now)

    answer = scan(parcel.reference, body)

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        (pointer, code)
    ]
    assert not Scan.objects.exists()


@pytest.mark.django_db
def test_a_parcel_that_the_carrier_does_not_know_cannot_be_scanned(now):
    (parcel,) = planned(now)

    assert scan(parcel.reference, {"state": "SIGNED"}).status_code == 404
    assert scan(uuid4(), {"state": "SIGNED"}).status_code == 404
    assert scan("x", {"state": "SIGNED"}).status_code == 404
    waiting = booked(now)
    depot.cancel(reference=waiting.reference, now=now)
    refused = scan(waiting.reference, {"state": "SIGNED"})
    assert (refused.status_code, refused.json()["code"]) == (409, "ILLEGAL_TRANSITION")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        (CALLBACKS, b"{}", 401, "CARRIER_SIGNATURE_INVALID"),
        (CALLBACKS, b"\xff\x00", 401, "CARRIER_SIGNATURE_INVALID"),
        ("/api/v1/logistics/pigeon/callbacks", b"{}", 404, "NOT_FOUND"),
    ],
)
def test_a_callback_of_nobody_we_know_changes_nothing(now, address, body, status, code):
    booked(now)

    answer = APIClient().generic("POST", address, body, content_type="application/json")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code)
    assert TrackingEvent.objects.exclude(state="CREATED").count() == 0


@pytest.mark.django_db
def test_without_the_sandbox_no_carrier_calls_back(now, settings):
    booked(now)
    settings.MARKETPLACE_SANDBOX = False

    assert APIClient().post(CALLBACKS, {}, format="json").status_code == 404
