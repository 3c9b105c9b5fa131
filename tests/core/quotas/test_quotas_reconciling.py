"""Corrupt one row, and exactly that is reported."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import reconciling
from core.quotas import invariants
from core.quotas.models import Kind, QuotaShard
from core.quotas.services import drawing, opening
from core.quotas.services.drawing import Demand

pytestmark = pytest.mark.django_db
OURS = [
    "quotas.holds_explain_held",
    "quotas.holds_stand_on_their_quota",
    "quotas.shards_are_numbered",
    "quotas.spent_is_explained",
]


@pytest.fixture
def quota_id():
    quota_id = opening.open_quota(Kind.STOCK, total=100, shards=4)
    opening.open_quota(Kind.BUDGET, total=100)
    drawing.hold([Demand(quota_id, 7)], owner="order:a")
    drawing.hold([Demand(quota_id, 5)], owner="order:b")
    drawing.spend(owner="order:b")
    return quota_id


def corrupt(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def broken():
    return {
        result.name: [(finding.subject, finding.detail) for finding in result.findings]
        for result in reconciling.run(OURS)
        if not result.is_held
    }


def test_an_honest_house_is_held(quota_id):
    assert broken() == {}


def test_a_counter_that_no_hold_explains_is_reported(quota_id):
    shard = QuotaShard.objects.filter(quota_id=quota_id, held=0).order_by("number")[0]

    corrupt("UPDATE quotas_quotashard SET held = held + 2 WHERE id = %s", shard.pk)

    assert broken() == {
        "quotas.holds_explain_held": [(f"shard {shard.pk}", "held 2, holds explain 0")]
    }


def test_a_lost_hold_is_reported(quota_id):
    corrupt("DELETE FROM quotas_quotahold WHERE owner = 'order:b'")

    assert broken() == {
        "quotas.spent_is_explained": [(f"quota {quota_id}", "spent 5, rows explain 0")]
    }


def test_a_bare_take_needs_the_row_of_whoever_took(quota_id, monkeypatch):
    monkeypatch.setattr(invariants, "_explanations", {})
    drawing.take(quota_id, 3)

    assert broken() == {
        "quotas.spent_is_explained": [(f"quota {quota_id}", "spent 8, rows explain 5")]
    }
    invariants.explains(Kind.STOCK, f"SELECT {quota_id}, 3")
    assert broken() == {}


def test_a_missing_shard_is_reported(quota_id):
    corrupt("UPDATE quotas_quota SET shards = 5 WHERE id = %s", quota_id)

    assert list(broken()) == ["quotas.shards_are_numbered"]


def test_a_hold_on_the_shard_of_another_quota_is_reported(quota_id):
    corrupt(
        "UPDATE quotas_quotahold SET quota_id = (SELECT id FROM quotas_quota WHERE kind = 'BUDGET')"
        " WHERE owner = 'order:a'"
    )

    assert list(broken()) == ["quotas.holds_stand_on_their_quota"]


def test_the_command_prints_held_and_broken_and_exits_by_it(quota_id):
    out = StringIO()
    call_command("reconcile", *OURS, stdout=out)
    assert "4 invariants, 4 held, 0 broken" in out.getvalue()

    corrupt("UPDATE quotas_quotashard SET held = held + 2 WHERE quota_id = %s", quota_id)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", *OURS, stdout=out)
    assert ended.value.code == 1
    assert "BROKEN 4" in out.getvalue()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile", "--json", *OURS, stdout=out)
    assert {row["name"]: row["broken"] for row in json.loads(out.getvalue())} == {
        "quotas.holds_explain_held": 4,
        "quotas.holds_stand_on_their_quota": 0,
        "quotas.shards_are_numbered": 0,
        "quotas.spent_is_explained": 0,
    }


def test_the_command_asks_everybody_and_knows_its_names():
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert f"{len(reconciling.names())} invariants" in out.getvalue()
    with pytest.raises(CommandError, match=r"no\.such"):
        call_command("reconcile", "no.such", stdout=StringIO())
