import pytest
from django.db import transaction

from core.audit.actors import Actor
from core.errors import IllegalTransition, InvalidInput, NotFound
from logistics.parcels.models import Parcel
from logistics.parcels.services.planning import UnknownCarrier, WaybillTaken
from orders.placement.models import OrderLine
from orders.placement.services import posting
from shops.storefronts.models import Shop
from tests.factories.accounts import a_user
from tests.factories.catalogue import a_product
from tests.factories.orders import an_order
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    shop = open_shop()
    Shop.objects.filter(pk=shop.pk).update(fulfilment="SELF")
    shop.refresh_from_db()
    return shop


def post(part, seller_id, quantities=None, waybill_no="SF1000", carrier="sandbox", *, now):
    with transaction.atomic():
        return posting.post_parcel(
            seller_id=seller_id,
            shop_order_reference=part.reference,
            carrier=carrier,
            waybill_no=waybill_no,
            quantities=quantities,
            actor=Actor(seller_id),
            now=now,
        )


def owner_of(shop):
    return shop.members.get(role="OWNER").user_id


@pytest.fixture
def part(shop, now):
    order = an_order(lines=[(a_product(shop), 3), (a_product(shop), 1)], paid=True, now=now)
    deliver_all(now)
    return order.shop_orders.get()


def state_of(part):
    part.refresh_from_db()
    return part.state


def test_a_shop_that_ships_itself_gets_no_parcels_planned(part):
    assert state_of(part) == "TO_SHIP"
    assert Parcel.objects.count() == 0


def test_a_shop_posts_in_as_many_parcels_as_it_likes(shop, part, now):
    first, second = OrderLine.objects.order_by("position")

    post(part, owner_of(shop), {first.reference: 2}, "SF1", now=now)
    deliver_all(now)
    after_first = state_of(part)
    post(part, owner_of(shop), waybill_no="SF2", now=now)
    deliver_all(now)

    assert (after_first, state_of(part)) == ("PARTLY_SHIPPED", "SHIPPED")
    rest = Parcel.objects.get(waybill_no="SF2")
    assert dict(rest.lines.values_list("line_reference", "quantity")) == {
        first.reference: 1,
        second.reference: 1,
    }
    assert rest.gross_g == 2 * 5_500


def test_more_than_is_left_cannot_be_posted(shop, part, now):
    first = OrderLine.objects.order_by("position").first()
    post(part, owner_of(shop), {first.reference: 2}, "SF1", now=now)

    with pytest.raises(posting.NotLeftToShip) as refused:
        post(part, owner_of(shop), {first.reference: 2}, "SF2", now=now)

    assert refused.value.facts["left"] == 1
    assert Parcel.objects.count() == 1


def test_what_the_platform_ships_the_shop_does_not_post(now):
    shop = open_shop()
    order = an_order(lines=[(a_product(shop), 1)], paid=True, now=now)
    deliver_all(now)

    with pytest.raises(posting.FulfilmentByPlatform):
        post(order.shop_orders.get(), owner_of(shop), now=now)


def test_an_unpaid_order_is_not_posted(shop, now):
    order = an_order(lines=[(a_product(shop), 1)], now=now)

    with pytest.raises(IllegalTransition):
        post(order.shop_orders.get(), owner_of(shop), now=now)


def test_people_of_another_shop_do_not_find_the_order(part, now):
    other = open_shop()

    for stranger in (owner_of(other), a_user().pk):
        with pytest.raises(NotFound):
            post(part, stranger, now=now)


def test_a_line_of_another_order_is_refused_by_its_place(shop, part, now):
    other = an_order(lines=[(a_product(shop), 1)], now=now)
    line = OrderLine.objects.get(shop_order__order=other)

    with pytest.raises(InvalidInput) as refused:
        post(part, owner_of(shop), {line.reference: 1}, now=now)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/lines", "LINE_NOT_FOUND")
    ]


def test_frozen_and_fresh_do_not_share_a_parcel(shop, now):
    lines = [(a_product(shop), 1), (a_product(shop, temp_class="FROZEN"), 1)]
    order = an_order(lines=lines, paid=True, now=now)
    deliver_all(now)

    with pytest.raises(InvalidInput):
        post(order.shop_orders.get(), owner_of(shop), now=now)

    assert Parcel.objects.count() == 0


def test_an_unknown_carrier_and_a_taken_number_are_refused(shop, part, now):
    first, second = OrderLine.objects.order_by("position")
    post(part, owner_of(shop), {first.reference: 1}, "SF1", now=now)

    with pytest.raises(UnknownCarrier):
        post(part, owner_of(shop), carrier="pigeon", waybill_no="SF9", now=now)
    with pytest.raises(WaybillTaken):
        post(part, owner_of(shop), {second.reference: 1}, "SF1", now=now)
