"""Gates let in what there are tokens for, in one look; without Redis they are open."""

from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.utils import timezone

from core.http import gates
from core.http.gates import Gate, Standing

HOUR = timedelta(hours=1)


@pytest.fixture
def stand():
    def write(*tokens, opens=-HOUR, closes=HOUR):
        now = timezone.now()
        made = [Gate(uuid4().hex, str(uuid4()), now + opens, now + closes, n) for n in tokens]
        gates.write(made)
        return made

    return write


def asked(*goods, who=None):
    return gates.ask([gate.goods for gate in goods], who=f"{goods[0].name} {who or uuid4().hex}")


def heard(*goods, times=1):
    return [asked(*goods).standing.name for _ in range(times)]


def test_a_gate_lets_in_as_many_as_it_has_tokens(stand):
    [gate] = stand(2)

    assert heard(gate, times=4) == ["LET_IN", "LET_IN", "CLOSED", "CLOSED"]
    assert asked(gate).names == (gate.name,)


def test_goods_without_a_gate_are_open_to_everybody(stand):
    stand(0)

    assert gates.ask([str(uuid4())], who="somebody").standing is Standing.OPEN
    assert gates.ask([], who="somebody").standing is Standing.OPEN


def test_before_and_after_its_window_a_gate_is_open(stand):
    [later] = stand(0, opens=timedelta(seconds=30))
    assert heard(later) == ["OPEN"]
    [over] = stand(0, closes=timedelta(0))
    assert heard(over) == ["OPEN"]


def test_of_several_gates_all_let_in_or_none_does(stand):
    wide, narrow = stand(5, 1)

    assert heard(wide, narrow, times=2) == ["LET_IN", "CLOSED"]
    # The second one took no token of the wide one either.
    assert heard(wide, times=5) == ["LET_IN"] * 4 + ["CLOSED"]


def test_the_same_request_is_let_in_again_without_a_token(stand):
    [gate] = stand(1)
    first = asked(gate, who="a request")

    assert first.standing is Standing.LET_IN
    assert asked(gate, who="a request").standing is Standing.OPEN
    assert asked(gate, who="another").standing is Standing.CLOSED


def test_a_token_that_is_given_back_lets_somebody_else_in(stand):
    [gate] = stand(1)
    gates.give_back(asked(gate, who="a request"))

    assert asked(gate, who="another").standing is Standing.LET_IN
    assert asked(gate, who="a request").standing is Standing.CLOSED


def test_a_token_that_is_used_up_lets_nobody_in(stand):
    [gate] = stand(1)
    gates.forget(asked(gate, who="a request"))

    assert heard(gate) == ["CLOSED"]
    assert asked(gate, who="a request").standing is Standing.CLOSED


def test_a_gate_that_was_taken_away_gets_nothing_back(stand):
    [gate] = stand(1)
    answer = asked(gate)
    gates.write([])
    gates.give_back(answer)

    assert gates._keeper().client.hgetall("gate:tokens") == {}


def test_where_nothing_is_known_one_caller_is_told_to_write(stand):
    [gate] = stand(1)
    gates._keeper().client.delete(gates._KNOWN, gates._WRITING)

    assert heard(gate, times=3) == ["UNKNOWN", "OPEN", "OPEN"]


def test_what_is_known_is_forgotten_after_a_while(stand):
    stand(1)

    assert 0 < gates._keeper().client.pttl(gates._KNOWN) <= gates.KNOWN_MS


@pytest.mark.django_db
def test_a_crowd_never_gets_more_tokens_than_there_are(stand, at_once):
    [gate] = stand(5)

    outcomes = at_once(*(lambda: asked(gate).standing for _ in range(12)))

    assert sorted(outcome.name for outcome in outcomes) == ["CLOSED"] * 7 + ["LET_IN"] * 5


def test_without_redis_every_gate_is_open(stand, monkeypatch):
    def fail(*_, **__):
        raise redis.ConnectionError

    [gate] = stand(0)
    keeper = gates._Keeper()
    keeper.asking = keeper.giving_back = fail
    monkeypatch.setattr(gates, "_keeper", lambda: keeper)

    assert heard(gate) == ["OPEN"]
    gates.give_back(gates.Answer(Standing.LET_IN, (gate.name,), "somebody"))
