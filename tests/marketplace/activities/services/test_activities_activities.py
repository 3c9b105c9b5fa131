"""Setting up activities, keeping their time, and what becomes of their pieces."""

from datetime import timedelta

import pytest
from django.db import transaction

from core import reconciling
from core.audit.actors import SYSTEM
from core.errors import IllegalTransition, InvalidInput
from core.quotas.selectors import availability
from marketplace.activities.models import ActivityBuyer
from marketplace.activities.selectors import offers
from marketplace.activities.services import activities, counting
from marketplace.activities.services.activities import ActivityOverlap
from shops.catalogue.services.stock import StockTooLow
from tests.factories.accounts import a_user
from tests.factories.activities import an_activity
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def free(quota_id):
    return availability.left([quota_id])[quota_id]


def stock_of(activity):
    return free(activity.sku.stock_quota_id)


def held():
    names = [name for name in reconciling.names() if name.startswith(("activities.", "catalogue."))]
    return all(result.is_held for result in reconciling.run(names))


def keep(now):
    return activities.keep_time(now=now)


def test_pieces_leave_the_stock_when_an_activity_is_set_up_and_come_back_when_it_ends(now):
    activity = an_activity(quantity=30)

    assert (free(activity.quota_id), stock_of(activity)) == (30, 70)
    assert held()

    keep(now)
    activity.refresh_from_db()
    assert activity.state == "RUNNING"

    keep(now + HOUR)
    activity.refresh_from_db()
    assert (activity.state, activity.returned) == ("ENDED", 30)
    assert (free(activity.quota_id), stock_of(activity)) == (0, 100)
    assert held()


def test_what_is_looked_at_again_is_left_alone_after_a_while(now):
    activity = an_activity(quantity=30)

    keep(now + HOUR)
    assert keep(now + HOUR) == 0
    assert keep(now + HOUR + activities.LOOK_AGAIN) == 1
    assert keep(now + 9 * HOUR) == 0

    activity.refresh_from_db()
    assert activity.next_attempt_at is None
    assert stock_of(activity) == 100


def test_what_may_be_finished_later_keeps_its_pieces_until_it_closes(now):
    activity = an_activity(kind="GROUP", quantity=30, closes_at=now + 3 * HOUR)

    keep(now + HOUR)
    keep(now + HOUR + activities.LOOK_AGAIN)
    activity.refresh_from_db()
    assert (activity.state, free(activity.quota_id)) == ("ENDED", 30)

    keep(now + 3 * HOUR)
    assert (free(activity.quota_id), stock_of(activity)) == (0, 100)


@pytest.mark.parametrize(("shift", "is_refused"), [(0, True), (1, True), (2, False), (-2, False)])
def test_a_sku_has_one_price_at_an_instant(now, shift, is_refused):
    product = a_product()
    an_activity(product)
    window = {
        "starts_at": now + (shift - 1) * HOUR,
        "ends_at": now + (shift + 1) * HOUR,
        "now": now - 5 * HOUR,
    }

    if is_refused:
        with pytest.raises(ActivityOverlap):
            an_activity(product, kind="PRICE", **window)
    else:
        an_activity(product, kind="PRICE", **window)


def test_an_activity_that_was_ended_leaves_room_for_another(now):
    product = a_product()
    first = an_activity(product)
    with transaction.atomic():
        activities.end(first, actor=SYSTEM, now=now, reason="too cheap")

    an_activity(product, now=now, price_fen=500)

    with pytest.raises(IllegalTransition), transaction.atomic():
        activities.end(first, actor=SYSTEM, now=now)


def test_more_than_there_is_cannot_be_set_apart():
    product = a_product(stock=5)

    with pytest.raises(StockTooLow):
        an_activity(product, quantity=6)

    assert free(product.skus.get().stock_quota_id) == 5


@pytest.mark.parametrize("change", [{"price_fen": 1_990}, {"price_fen": 2_000}])
def test_a_price_is_below_the_ordinary_one(change):
    with pytest.raises(InvalidInput):
        an_activity(a_product(price_fen=1_990), **change)


def test_a_window_is_ahead(now):
    with pytest.raises(InvalidInput):
        an_activity(now=now + HOUR)
    with pytest.raises(InvalidInput):
        an_activity(starts_at=now + HOUR, ends_at=now + HOUR)


def test_one_person_never_has_more_than_the_limit():
    activity, user = an_activity(per_user_limit=2), a_user()
    one = {str(activity.reference): 1}

    with transaction.atomic():
        counting.count(user.pk, one)
        counting.count(user.pk, one)
    with pytest.raises(counting.ActivityUserLimit), transaction.atomic():
        counting.count(user.pk, one)
    with pytest.raises(counting.ActivityUserLimit), transaction.atomic():
        counting.count(a_user().pk, {str(activity.reference): 3})
    with transaction.atomic():
        counting.uncount(user.pk, one)

    assert ActivityBuyer.objects.get().bought == 1


@pytest.mark.parametrize(
    ("kind", "asked", "minutes", "applies"),
    [
        ("FLASH", False, 0, True),
        ("PRICE", False, 0, True),
        ("GROUP", False, 0, False),
        ("PRESALE", False, 0, False),
        ("GROUP", True, 0, True),
        ("FLASH", False, -61, False),
        ("FLASH", True, -61, False),
        ("FLASH", False, -60, True),
        ("FLASH", False, 59, True),
        ("FLASH", False, 60, False),
        ("FLASH", True, 60, False),
    ],
)
def test_an_offer_applies_by_its_window_whether_or_not_the_sweep_came(
    now, kind, asked, minutes, applies
):
    activity = an_activity(kind=kind)
    wanted = activity.reference if asked else None

    found = offers.offers([activity.sku_id], now=now + timedelta(minutes=minutes), wanted=wanted)

    assert bool(found) == applies


def test_what_was_ended_early_is_offered_to_nobody(now):
    activity = an_activity()
    with transaction.atomic():
        activities.end(activity, actor=SYSTEM, now=now)

    assert offers.offers([activity.sku_id], now=now) == {}
    assert offers.offers([activity.sku_id], now=now, wanted=activity.reference) == {}
