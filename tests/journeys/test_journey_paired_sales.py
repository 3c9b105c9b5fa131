"""What a helping region buys counts for one pairing, on the line and in the report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.periods import local_day
from orders.placement.models import OrderLine
from tests.factories.accounts import a_staff, a_user, an_address, bearer
from tests.factories.catalogue import a_product
from tests.factories.orders import a_checkout, paid_for, place
from tests.factories.regions import a_pairing

pytestmark = pytest.mark.django_db
ZIGUI, CHENGDU, PUDONG, SHENZHEN = "420527", "510104", "310115", "440304"
# The twelve provinces that Shanghai helped.
HELPED = ("420000", "500000", "510000", "520000", "530000", "540000")
HELPED += ("610000", "620000", "630000", "640000", "650000", "450000")


def bought(buyer, region, lines, now):
    address = an_address(buyer, region=region)
    checkout = a_checkout(buyer, lines, now=now, address=address.reference)
    return paid_for(place(buyer, checkout, now), now)


def test_overlapping_pairings_count_a_sale_once_and_the_report_adds_up(client):
    now = timezone.now()
    day = local_day(now)
    pairs = {code: a_pairing("310000", code, priority=100) for code in HELPED}
    county = a_pairing("310115", ZIGUI, priority=1)
    oranges, kiwis = a_product(origin=ZIGUI), a_product(origin=CHENGDU, price_fen=5_000)
    elsewhere = a_product(origin="440304")
    buyer = a_user()

    bought(buyer, PUDONG, [(oranges, 2), (kiwis, 1), (elsewhere, 1)], now)
    bought(buyer, SHENZHEN, [(oranges, 1)], now)
    bought(buyer, "310104", [(oranges, 1)], now)
    period = f"from={day}&to={day + timedelta(days=1)}"
    reader = bearer(a_staff(Role.REPORTS))
    report = client.get(f"/api/v1/reports/pairings?{period}", **reader).json()

    lines = OrderLine.objects.values_list("origin_county", "pairing_id")
    assert sorted(lines, key=str) == sorted(
        [
            (ZIGUI, county.pk),
            (CHENGDU, pairs["510000"].pk),
            ("440304", None),
            (ZIGUI, None),
            (ZIGUI, pairs["420000"].pk),
        ],
        key=str,
    )
    paid = {row["pairing"]: row["paid_fen"] for row in report["pairings"]}
    assert paid == {
        str(county.reference): 3_980,
        str(pairs["510000"].reference): 5_000,
        str(pairs["420000"].reference): 1_990,
    }
    assert report["total"]["paid_fen"] == 3_980 + 5_000 + 1_990
    assert report["total"]["orders"] == 2


def test_what_was_sold_keeps_its_pairing_when_that_ends(client):
    now = timezone.now()
    one = a_pairing()
    buyer = a_user()
    bought(buyer, PUDONG, [(a_product(origin=ZIGUI), 1)], now)

    headers = bearer(a_staff(Role.SECTION_MANAGER))
    address = f"/api/v1/staff/region-pairings/{one.reference}/ending"
    on = {"on": str(local_day(now))}
    ended = client.post(address, on, "application/json", **headers)

    assert ended.status_code == 200
    assert OrderLine.objects.get().pairing_id == one.pk
    bought(buyer, PUDONG, [(a_product(origin=ZIGUI), 1)], now)
    assert OrderLine.objects.filter(pairing=None).count() == 1
