"""From what was bought to boxes, and back while nobody has them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from core.audit.actors import Actor
from core.audit.models import StateLog
from core.transactions import TransactionMissing
from logistics.parcels.models import Parcel
from logistics.parcels.selectors import parcels as shown
from logistics.parcels.services import asking, planning
from tests.factories.accounts import a_user
from tests.factories.parcels import HOME, SOON, a_content, a_scan, booked, hear, planned, told
from tests.factories.storefronts import a_shop

pytestmark = pytest.mark.django_db


def post(now, shop, waybill_no="YT123456789", carrier="yuantong", shop_order="", actor=None):
    with transaction.atomic():
        return planning.post_by_seller(
            shop_order_reference=shop_order or str(uuid4()),
            shop_id=shop.pk,
            carrier=carrier,
            waybill_no=waybill_no,
            contents=[a_content(quantity=3)],
            to=HOME,
            actor=actor or Actor(a_user().pk),
            now=now,
        )


def test_each_temperature_class_is_a_parcel_of_its_own(now):
    contents = [
        a_content("AMBIENT", quantity=2, gross_g=9_800),
        a_content("CHILLED", quantity=1, gross_g=1_200),
        a_content("AMBIENT", quantity=1, gross_g=3_100),
    ]

    ambient, chilled = planned(now, *contents)

    assert (ambient.temp_class, ambient.gross_g, ambient.lines.count()) == ("AMBIENT", 12_900, 2)
    assert (chilled.temp_class, chilled.gross_g, chilled.lines.count()) == ("CHILLED", 1_200, 1)
    assert {ambient.state, chilled.state} == {"PLANNED"}
    assert [fact["parcel_reference"] for fact in told("parcel_planned")] == [
        str(ambient.reference),
        str(chilled.reference),
    ]
    assert StateLog.objects.filter(subject="parcel", to_state="PLANNED").count() == 2


def test_a_shop_order_is_planned_once(now):
    shop_order = str(uuid4())

    first = planned(now, shop_order=shop_order)
    again = planned(now, a_content("FROZEN"), shop_order=shop_order)

    assert [parcel.pk for parcel in again] == [parcel.pk for parcel in first]
    assert Parcel.objects.count() == 1
    assert len(told("parcel_planned")) == 1


def test_where_a_parcel_goes_is_sealed(now):
    (parcel,) = planned(now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, phone, street FROM parcels_parcel")
        stored = cursor.fetchone()
    assert not any(HOME.phone in text or HOME.street in text for text in stored)
    read = Parcel.objects.get(pk=parcel.pk)
    assert (read.recipient, read.phone, read.street) == (HOME.recipient, HOME.phone, HOME.street)


def test_parcels_are_called_back_while_nobody_has_them(now):
    (fresh,) = planned(now)
    waiting = booked(now)

    assert planning.cancel(str(fresh.shop_order_reference), now=now) is True
    assert planning.cancel(str(waiting.shop_order_reference), now=now) is True
    assert planning.cancel(str(waiting.shop_order_reference), now=now) is True

    assert set(Parcel.objects.values_list("state", "cancelled_at")) == {("CANCELLED", now)}
    assert len(told("parcel_cancelled")) == 2
    assert planning.cancel(str(uuid4()), now=now) is True
    assert shown.of_shop_order([str(fresh.shop_order_reference)]) == {}


def test_what_a_carrier_has_cannot_be_called_back(now):
    shop_order = str(uuid4())
    ambient, chilled = planned(now, a_content(), a_content("CHILLED"), shop_order=shop_order)
    hear_at = now + SOON
    asking.ask(ambient.pk, now=now)
    hear(ambient, a_scan("COLLECTED", hear_at), now=hear_at)

    assert planning.cancel(shop_order, now=hear_at) is False

    assert Parcel.objects.get(pk=chilled.pk).state == "PLANNED"
    assert told("parcel_cancelled") == []


def test_a_parcel_that_the_shop_posts_was_handed_over_with_its_word(now):
    shop, user = a_shop(), a_user()

    parcel = post(now, shop, actor=Actor(user.pk))

    assert (parcel.state, parcel.handed_over_at, parcel.carrier) == ("CREATED", now, "yuantong")
    (fact,) = told("parcel_handed_over")
    assert fact["quantities"] == [3]
    assert fact["line_references"] == [str(parcel.lines.get().line_reference)]
    assert StateLog.objects.get(subject="parcel", subject_id=parcel.pk).actor_id == user.pk
    assert planning.cancel(str(parcel.shop_order_reference), now=now) is False


def test_a_shop_can_post_one_order_in_several_parcels(now):
    shop, shop_order = a_shop(), str(uuid4())

    parcels = [post(now, shop, f"YT{n}", shop_order=shop_order) for n in range(3)]

    assert [parcel.part for parcel in parcels] == [0, 1, 2]


def test_two_parcels_never_travel_under_one_waybill(now):
    shop = a_shop()
    post(now, shop, "YT1")

    with pytest.raises(planning.WaybillTaken):
        post(now, shop, "YT1")
    post(now, shop, "YT1", carrier="shentong")

    assert Parcel.objects.count() == 2


def test_a_carrier_that_nobody_knows_is_refused(now):
    with pytest.raises(planning.UnknownCarrier):
        post(now, a_shop(), carrier="pigeon")

    assert not Parcel.objects.exists()


def test_showing_many_parcels_costs_as_much_as_showing_one(now, queries_of):
    orders = [str(booked(now).shop_order_reference) for _ in range(4)]

    assert queries_of(lambda: shown.of_shop_order(orders[:1])) == 3
    assert queries_of(lambda: shown.of_shop_order(orders)) == 3
    (facts,) = shown.of_shop_order(orders[:1])[orders[0]]
    assert facts.carrier_name == "sandbox"
    assert facts.lines[0].quantity == 2
    assert [event.state for event in facts.events] == ["CREATED"]
    assert not facts.is_collected


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'LOST', handed_over_at = now()", "state_is_known"),
        ("waybill_no = ''", "travels_under_a_waybill"),
        ("booked_at = NULL", "travels_under_a_waybill"),
        ("state = 'COLLECTED'", "on_its_way_was_handed_over"),
        ("state = 'SIGNED', handed_over_at = now()", "signed_has_its_instant"),
        ("state = 'CANCELLED'", "cancelled_has_its_instant"),
        ("cancelled_at = now()", "cancelled_has_its_instant"),
        ("parked_at = now()", "parked_waits_for_a_person"),
    ],
)
def test_the_database_refuses_what_a_parcel_can_never_be(now, change, constraint):
    booked(now)

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE parcels_parcel SET {change}")

    assert refused.value.__cause__.diag.constraint_name == f"parcels_parcel_{constraint}"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE parcels_parcelline SET quantity = 0", "parcels_parcelline_is_never_empty"),
        (
            "INSERT INTO parcels_parcelline (parcel_id, line_reference, sku_reference, title,"
            " quantity) SELECT parcel_id, line_reference, sku_reference, title, 1"
            " FROM parcels_parcelline",
            "parcels_parcelline_once_per_parcel",
        ),
        ("UPDATE parcels_trackingevent SET state = 'PLANNED'", "state_is_scanned"),
        (
            "INSERT INTO parcels_trackingevent (parcel_id, key, state, at, text, heard_at)"
            " SELECT parcel_id, key, state, at, text, heard_at FROM parcels_trackingevent",
            "parcels_trackingevent_heard_once",
        ),
        (
            "INSERT INTO parcels_parcel SELECT (json_populate_record(parcel, json_build_object("
            "'id', 0, 'reference', gen_random_uuid(), 'waybill_no', 'X'))).*"
            " FROM parcels_parcel AS parcel",
            "parcels_parcel_part_once_per_shop_order",
        ),
        (
            "INSERT INTO parcels_parcel SELECT (json_populate_record(parcel, json_build_object("
            "'id', 0, 'reference', gen_random_uuid(), 'part', 7))).* FROM parcels_parcel AS parcel",
            "parcels_parcel_waybill_names_one_parcel",
        ),
    ],
)
def test_the_database_refuses_what_belongs_to_a_parcel_twice(now, statement, constraint):
    booked(now)

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert constraint in refused.value.__cause__.diag.constraint_name


@pytest.mark.django_db(transaction=True)
def test_planning_needs_a_transaction(now):
    with pytest.raises(TransactionMissing):
        planning.plan(
            shop_order_reference=str(uuid4()), shop_id=1, contents=[a_content()], to=HOME, now=now
        )
    with pytest.raises(TransactionMissing):
        planning.cancel(str(uuid4()), now=now + timedelta(1))
