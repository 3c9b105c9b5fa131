"""Scans in whatever order, doubled or not, come to the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.parcels.domain.states import (
    PARCEL,
    SCANNED,
    Journey,
    ParcelState,
    Scan,
    journey_of,
    scan_of,
)
from logistics.parcels.providers.registry import names

START = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


def at(minutes):
    return START + timedelta(minutes=minutes)


def journey(*steps):
    return journey_of(Scan(f"{n}", ParcelState(state), at(m)) for n, (state, m) in enumerate(steps))


@pytest.mark.parametrize(
    ("steps", "state", "handed_over", "signed"),
    [
        ([], "CREATED", None, None),
        ([("COLLECTED", 1)], "COLLECTED", 1, None),
        ([("SIGNED", 9)], "SIGNED", 9, 9),
        ([("SIGNED", 9), ("COLLECTED", 1)], "SIGNED", 1, 9),
        ([("SIGNED", 9), ("PROBLEM", 10)], "SIGNED", 9, 9),
        ([("SIGNED", 9), ("RETURNED", 20)], "RETURNED", 9, 9),
        ([("RETURNED", 20), ("SIGNED", 9), ("DELIVERING", 30)], "RETURNED", 9, 9),
        ([("PROBLEM", 5), ("DELIVERING", 6)], "DELIVERING", 5, None),
        ([("REFUSED", 5), ("RETURNED", 50)], "RETURNED", 5, None),
        ([("COLLECTED", 5), ("SIGNED", 5)], "SIGNED", 5, 5),
    ],
)
def test_what_scans_come_to(steps, state, handed_over, signed):
    assert journey(*steps) == Journey(
        ParcelState(state),
        None if handed_over is None else at(handed_over),
        None if signed is None else at(signed),
    )


scans = st.lists(
    st.builds(
        Scan,
        key=st.uuids().map(str),
        state=st.sampled_from(SCANNED),
        at=st.integers(0, 12).map(at),
    ),
    max_size=8,
    unique_by=lambda scan: scan.key,
)


@given(scans, st.randoms(use_true_random=False), st.data())
def test_neither_order_nor_repetition_of_scans_matters(scans, random, data):
    repeated = data.draw(st.lists(st.sampled_from(scans), max_size=4)) if scans else []
    mixed = [*scans, *repeated]
    random.shuffle(mixed)

    assert journey_of(mixed) == journey_of(scans)


@given(scans)
def test_every_prefix_leads_to_the_next_by_an_edge_of_the_machine(scans):
    state = ParcelState.CREATED
    for count in range(1, len(scans) + 1):
        following = journey_of(scans[:count]).state
        if following != state:
            assert PARCEL.next_of(state, scan_of(following)) == following
        state = following


def test_a_parcel_that_was_called_back_or_returned_goes_nowhere():
    assert PARCEL.actions_in(ParcelState.CANCELLED) == []
    assert PARCEL.actions_in(ParcelState.RETURNED) == []
    assert PARCEL.actions_in(ParcelState.SIGNED) == ["scan_returned"]
    assert PARCEL.actions_in(ParcelState.PLANNED) == ["book", "cancel"]


def test_the_carriers_that_sellers_use_have_names():
    assert names()["yuantong"] == "圆通速递"
    assert len(names()) > 1_000
