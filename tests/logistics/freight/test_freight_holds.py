"""Regions on hold: nothing travels to or from them, or later; and who may say so."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.audit.actors import SYSTEM
from core.audit.models import StateLog
from core.errors import IllegalTransition, InvalidInput
from logistics.freight.domain.holding import HoldKind
from logistics.freight.domain.promising import Window
from logistics.freight.models import DispatchHold
from logistics.freight.selectors import holds, quoting
from logistics.freight.selectors.quoting import Load
from logistics.freight.services import holding
from tests.factories.accounts import a_staff, bearer
from tests.factories.freight import a_hold, a_template
from tests.factories.storefronts import a_shop

pytestmark = pytest.mark.django_db
SHANGHAI, WUHAN, ZIGUI = "310101", "420102", "420527"


def a_load(shop, origin=ZIGUI, template=None):
    return Load(str(uuid4()), shop.pk, template, "AMBIENT", 1_000, 1, 0, origin)


def quoted(loads, region, now):
    return quoting.quote(loads, region=region, now=now)


def test_nothing_goes_to_a_region_on_hold_nor_to_what_lies_in_it(now):
    shop = a_shop()
    a_hold("420100", now=now, reason="防控")

    freight = quoted([a_load(shop, "310101")], WUHAN, now)[shop.pk]

    assert not freight.deliverable
    assert (freight.held.region, freight.held.reason, freight.held.until) == (
        "420100",
        "防控",
        None,
    )
    assert quoted([a_load(shop, "310101")], ZIGUI, now)[shop.pk].deliverable


def test_nothing_leaves_a_region_on_hold_and_other_shops_still_send(now):
    here, there = a_shop(), a_shop()
    a_hold("420000", now=now)

    freight = quoted([a_load(here), a_load(there, "310101")], SHANGHAI, now)

    assert [freight[shop.pk].deliverable for shop in (here, there)] == [False, True]


@pytest.mark.parametrize(
    ("after", "deliverable"),
    [
        (timedelta(seconds=-1), True),
        (timedelta(), False),
        (timedelta(days=2, microseconds=-1), False),
        (timedelta(days=2), True),
    ],
)
def test_a_hold_counts_inside_its_window_only(now, after, deliverable):
    shop = a_shop()
    a_hold(WUHAN, starts_at=now, ends_at=now + timedelta(days=2), now=now)

    assert quoted([a_load(shop)], WUHAN, now + after)[shop.pk].deliverable is deliverable


def test_a_delay_lets_goods_go_and_says_until_when(now):
    shop = a_shop()
    until = now + timedelta(days=3)
    a_hold("420000", kind=HoldKind.DELAY, ends_at=until, now=now)
    a_hold(WUHAN, kind=HoldKind.DELAY, ends_at=now + timedelta(days=1), now=now)

    freight = quoted([a_load(shop, template=str(a_template(shop).reference))], WUHAN, now)[shop.pk]

    assert (freight.fee_fen, freight.deliverable, freight.held) == (600, True, None)
    assert freight.delayed.until == "2026-11-14T04:00:00Z"


def test_what_stops_goods_counts_more_than_what_delays_them(now):
    shop = a_shop()
    a_hold(WUHAN, kind=HoldKind.DELAY, now=now)
    a_hold("420000", ends_at=now + timedelta(days=1), now=now)

    assert quoted([a_load(shop)], WUHAN, now)[shop.pk].held.region == "420000"


def test_a_lifted_hold_holds_nothing_and_the_log_says_who(now):
    shop = a_shop()
    hold = a_hold(WUHAN, now=now)

    with transaction.atomic():
        holding.lift(hold, reason="解封", actor=SYSTEM, now=now)

    assert quoted([a_load(shop)], WUHAN, now)[shop.pk].deliverable
    assert StateLog.objects.get(subject="dispatch_hold", action="lift").reason == "解封"
    with transaction.atomic(), pytest.raises(IllegalTransition):
        holding.lift(hold, reason="", actor=SYSTEM, now=now)


def lift(hold, now):
    with transaction.atomic():
        holding.lift(hold, reason="解封", actor=SYSTEM, now=now)


def test_the_windows_on_a_way_are_those_of_all_that_its_ends_lie_in(now, queries_of):
    day = timedelta(days=1)
    a_hold("420000", kind=HoldKind.DELAY, starts_at=now, ends_at=now + day, now=now)
    a_hold(WUHAN, starts_at=now + day, now=now)
    a_hold("310000", starts_at=now, ends_at=now + 2 * day, now=now)
    ways = {1: {WUHAN}, 2: {ZIGUI, SHANGHAI}, 3: {"540102"}, 4: {SHANGHAI}}

    found = holds.windows(ways, since=now)

    assert {key: set(windows) for key, windows in found.items()} == {
        1: {Window(now, now + day), Window(now + day, None)},
        2: {Window(now, now + day), Window(now, now + 2 * day)},
        3: set(),
        4: {Window(now, now + 2 * day)},
    }
    assert queries_of(lambda: holds.windows(ways, since=now)) == 1


def test_a_lifted_hold_stood_until_it_was_lifted_and_one_that_was_over_until_its_end(now):
    hour = timedelta(hours=1)
    endless = a_hold(WUHAN, now=now)
    short = a_hold(WUHAN, ends_at=now + hour, now=now)
    a_hold(WUHAN, ends_at=now + hour, now=now - hour)
    lift(endless, now + 3 * hour)
    lift(short, now + 5 * hour)

    def until(since):
        return sorted(w.ends_at for w in holds.windows({1: {WUHAN}}, since=since)[1])

    assert until(now) == [now + hour, now + hour, now + 3 * hour]
    assert until(now + hour) == [now + 3 * hour]
    assert until(now + 3 * hour) == []


def test_a_window_that_is_over_or_backwards_is_refused(now):
    for starts_at, ends_at in (
        (None, now),
        (now + timedelta(days=2), now + timedelta(days=1)),
        (now - timedelta(days=2), now - timedelta(days=1)),
    ):
        with pytest.raises(InvalidInput):
            a_hold(WUHAN, starts_at=starts_at, ends_at=ends_at, now=now)
    assert not DispatchHold.objects.exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"region": "武汉"}, "region_is_a_code"),
        ({"kind": "NEVER"}, "kind_is_known"),
        ({"reason": ""}, "is_explained"),
        ({"ends_at": "2026-11-01T00:00Z"}, "window_is_forward"),
        ({"state": "LIFTED"}, "lifted_has_its_instant"),
        ({"lifted_at": "2026-11-12T00:00Z"}, "lifted_has_its_instant"),
    ],
)
def test_the_database_refuses(now, changes, constraint):
    hold = a_hold(WUHAN, now=now)

    with pytest.raises(IntegrityError, match=f"freight_dispatchhold_{constraint}"):
        DispatchHold.objects.filter(pk=hold.pk).update(**changes)


def test_an_operator_sets_and_lifts_one_over_http(client):
    headers = bearer(a_staff(Role.OPERATOR))
    address = "/api/v1/staff/dispatch-holds"
    body = {"region": "420100", "kind": "NO_SHIP", "ends_at": None, "reason": "防控"}

    made = client.post(address, body, content_type="application/json", **headers)
    again = f"{address}/{made.json()['id']}/lifting"
    lifted = client.post(again, {"reason": "解封"}, content_type="application/json", **headers)
    twice = client.post(again, {}, content_type="application/json", **headers)

    assert (made.status_code, made.json()["state"]) == (201, "SET")
    assert (lifted.status_code, lifted.json()["state"]) == (200, "LIFTED")
    assert (twice.status_code, twice.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    listed = client.get(address, **headers).json()["results"]
    assert [(hold["region"], hold["state"]) for hold in listed] == [("420100", "LIFTED")]
    gone = client.post(
        f"{address}/{uuid4()}/lifting", {}, content_type="application/json", **headers
    )
    assert gone.status_code == 404
