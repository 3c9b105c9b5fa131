"""A state moves once, by compare-and-set, and never without its log row."""

from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, Value, When

from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import Rows, advance, advance_one, begin, log_birth
from core.audit.history import life_of
from core.audit.models import StateLog
from core.errors import IllegalTransition
from core.outbox.models import Delivery, Message
from core.states import Machine
from core.transactions import TransactionMissing

LIFE = Machine(
    "parcel of tests",
    {
        ("PENDING", "finish"): "DONE",
        ("PENDING", "turn"): "PARKED",
        ("PARKED", "turn"): "PENDING",
    },
)


def _deliveries(now, *states):
    message = Message.objects.create(topic="t", body={}, recorded_at=now)
    return [
        Delivery.objects.create(
            message=message,
            consumer=f"c{place}",
            state=state,
            next_attempt_at=now,
            parked_at=now if state == "PARKED" else None,
        ).pk
        for place, state in enumerate(states)
    ]


@pytest.mark.django_db
def test_only_rows_where_the_action_can_start_move_and_each_leaves_its_line(now, queries_of):
    first, second, third = _deliveries(now, "PENDING", "PARKED", "PENDING")
    moved = []

    statements = queries_of(
        lambda: moved.extend(
            advance(
                Delivery.objects.filter(pk__in=[first, second]),
                LIFE,
                "finish",
                actor=SYSTEM,
                now=now,
                reason="because",
                done_at=now,
                attempts=F("attempts") + 1,
            )
        )
    )

    assert statements == 1
    assert moved == [first]
    rows = Delivery.objects.order_by("pk").values_list("state", "attempts")
    assert list(rows) == [("DONE", 1), ("PARKED", 0), ("PENDING", 0)]
    (line,) = life_of("parcel of tests", first)
    assert (line.from_state, line.to_state, line.action) == ("PENDING", "DONE", "finish")
    assert (line.reason, line.at) == ("because", now)
    assert not life_of("parcel of tests", second)
    assert not life_of("parcel of tests", third)


@pytest.mark.django_db
def test_rows_named_by_a_column_move_as_those_of_a_query_do(now, queries_of):
    parked, done = _deliveries(now, "PARKED", "PENDING")
    Delivery.objects.filter(pk=done).update(state="DONE", done_at=now)
    (elsewhere,) = _deliveries(now, "PARKED")
    rows = Rows(Delivery, "message_id", Delivery.objects.get(pk=parked).message_id)
    changes = {"failure": "it's 100 % gone", "parked_at": None, "reason": "because"}
    moved = []

    statements = queries_of(
        lambda: moved.extend(advance(rows, LIFE, "turn", actor=SYSTEM, now=now, **changes))
    )

    assert statements == 1
    assert moved == [parked]
    assert Delivery.objects.get(pk=parked).failure == "it's 100 % gone"
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {parked: "PENDING", done: "DONE", elsewhere: "PARKED"}
    (line,) = life_of("parcel of tests", parked)
    assert (line.from_state, line.to_state, line.reason) == ("PARKED", "PENDING", "because")
    assert not life_of("parcel of tests", done)


@pytest.mark.django_db
def test_one_action_may_lead_to_different_states(now):
    first, second = _deliveries(now, "PENDING", "PARKED")
    stamp = Case(When(state="PENDING", then=Value(now)))

    advance(Delivery.objects.all(), LIFE, "turn", actor=SYSTEM, now=now, parked_at=stamp)

    moves = StateLog.objects.order_by("subject_id").values_list("from_state", "to_state")
    assert list(moves) == [("PENDING", "PARKED"), ("PARKED", "PENDING")]
    assert Delivery.objects.get(pk=first).state == "PARKED"
    assert Delivery.objects.get(pk=second).state == "PENDING"


@pytest.mark.django_db
def test_a_row_that_does_not_stand_there_is_refused(now):
    (parked,) = _deliveries(now, "PARKED")
    row = Delivery.objects.filter(pk=parked)

    with pytest.raises(IllegalTransition) as refusal:
        advance_one(row, LIFE, "finish", actor=SYSTEM, now=now, done_at=now)
    with pytest.raises(IllegalTransition):
        advance(row, LIFE, "fly", actor=SYSTEM, now=now)

    assert refusal.value.facts == {"subject": "parcel of tests", "action": "finish"}
    assert not StateLog.objects.exists()


@pytest.mark.django_db
def test_the_log_keeps_both_people(now, django_user_model):
    helper = django_user_model.objects.create(joined_at=now)
    farmer = django_user_model.objects.create(joined_at=now)
    (pending,) = _deliveries(now, "PENDING")

    advance_one(
        Delivery.objects.filter(pk=pending),
        LIFE,
        "finish",
        actor=Actor(helper.pk, on_behalf_of_id=farmer.pk),
        now=now,
        done_at=now,
    )

    line = life_of("parcel of tests", pending).get()
    assert (line.actor, line.on_behalf_of) == (helper, farmer)


@pytest.mark.django_db
def test_births_are_logged_in_one_statement(now, queries_of):
    assert queries_of(lambda: log_birth(LIFE, [7, 8], "PENDING", actor=SYSTEM, now=now)) == 1

    lines = StateLog.objects.order_by("subject_id").values_list(
        "subject_id", "action", "from_state", "to_state"
    )
    assert list(lines) == [(7, "create", "", "PENDING"), (8, "create", "", "PENDING")]


@pytest.mark.django_db
def test_a_row_and_the_first_line_of_its_life_are_one_statement(now, queries_of, django_user_model):
    somebody = django_user_model.objects.create(joined_at=now)
    message = Message.objects.create(topic="t", body={}, recorded_at=now)
    row = Delivery(message=message, consumer="it's", next_attempt_at=now)

    assert queries_of(lambda: begin(row, LIFE, actor=Actor(somebody.pk), now=now)) == 1

    kept = Delivery.objects.get()
    assert (kept.pk, kept.consumer, kept.next_attempt_at) == (row.pk, "it's", now)
    line = life_of("parcel of tests", row.pk).get()
    assert (line.action, line.from_state, line.to_state) == ("create", "", kept.state)
    assert (line.actor, line.at) == (somebody, now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", ["UPDATE audit_statelog SET reason='x'", "DELETE FROM audit_statelog"]
)
def test_nobody_rewrites_a_life(now, change):
    log_birth(LIFE, [7], "PENDING", actor=SYSTEM, now=now)

    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)

    assert StateLog.objects.get().reason == ""


@pytest.mark.django_db
def test_nobody_cannot_act_for_somebody(now, django_user_model):
    farmer = django_user_model.objects.create(joined_at=now)

    with pytest.raises(IntegrityError, match="audit_statelog_nobody_acts_for_somebody"):
        log_birth(LIFE, [7], "PENDING", actor=Actor(None, farmer.pk), now=now)


@pytest.mark.django_db(transaction=True)
def test_advancing_needs_a_transaction(now):
    with pytest.raises(TransactionMissing):
        advance(Delivery.objects.all(), LIFE, "finish", actor=SYSTEM, now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("through_a_join", [False, True])
def test_of_eight_who_advance_one_row_exactly_one_does(at_once, now, through_a_join):
    (pending,) = _deliveries(now, "PENDING")
    chosen = {"pk": pending, "message__topic": "t"} if through_a_join else {"pk": pending}

    def finish():
        with transaction.atomic():
            rows = Delivery.objects.filter(**chosen)
            return advance(rows, LIFE, "finish", actor=SYSTEM, now=now, done_at=now)

    outcomes = at_once(*(partial(finish) for _ in range(8)))

    assert sorted(outcomes) == [[]] * 7 + [[pending]]
    assert StateLog.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_canary_without_the_guard_in_the_where_everybody_advances(at_once, now, monkeypatch):
    (pending,) = _deliveries(now, "PENDING")
    monkeypatch.setattr(
        "core.audit.advancing._guarded", lambda rows, moves: rows.filter(state__isnull=False)
    )

    def finish():
        with transaction.atomic():
            rows = Delivery.objects.filter(pk=pending)
            return advance(rows, LIFE, "finish", actor=SYSTEM, now=now, done_at=now)

    outcomes = at_once(*(partial(finish) for _ in range(8)))

    assert outcomes.count([pending]) > 1
