"""Sections open and close by themselves; what people see goes by the clock, not by the sweep."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from core.accounts.domain.roles import Role
from core.audit.actors import SYSTEM
from core.audit.models import StateLog
from core.errors import InvalidInput
from marketplace.sections.models import Section, SectionMember
from marketplace.sections.selectors import halls
from marketplace.sections.services import scheduling, sections
from tests.factories.accounts import a_staff, bearer
from tests.factories.catalogue import a_product
from tests.factories.sections import a_section
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def _is_seen(section, now):
    return halls.open_sections(now).filter(pk=section.pk).exists()


def _actions(section):
    rows = StateLog.objects.filter(subject="section", subject_id=section.pk).order_by("id")
    return list(rows.values_list("action", flat=True))


def test_a_section_opens_and_closes_at_its_instants(now):
    section = a_section(opens_at=now + HOUR, closes_at=now + 2 * HOUR)
    second = timedelta(seconds=1)
    assert section.state == "SCHEDULED"

    turned = [scheduling.turn_due(at) for at in (now, now + HOUR, now + HOUR + second)]
    section.refresh_from_db()
    opened = (section.state, section.opened_at)
    turned += [scheduling.turn_due(at) for at in (now + 2 * HOUR - second, now + 2 * HOUR)]
    section.refresh_from_db()

    assert turned == [0, 1, 0, 0, 1]
    assert opened == ("OPEN", now + HOUR)
    assert (section.state, section.version) == ("CLOSED", 3)
    assert _actions(section) == ["create", "schedule", "open", "close"]


def test_the_page_goes_by_the_clock_however_late_the_sweep_is(now):
    section = a_section(opens_at=now + HOUR, closes_at=now + 2 * HOUR)
    instants = (now + HOUR - timedelta(microseconds=1), now + HOUR, now + 2 * HOUR)

    assert [_is_seen(section, at) for at in instants] == [False, True, False]


def test_the_sweep_comes_more_often_than_every_five_seconds():
    assert settings.CELERY_BEAT_SCHEDULE["sections.turn-due"]["schedule"] <= 5


def test_members_are_there_at_the_opening_and_gone_after_the_close(now):
    section = a_section(regions=["420000"], opens_at=now + HOUR, closes_at=now + 2 * HOUR)
    a_product(origin="420527")
    deliver_all(now)
    before = SectionMember.objects.filter(section=section).count()

    scheduling.turn_due(now + 3 * HOUR)
    deliver_all(now + 3 * HOUR)

    assert before == 1
    assert not SectionMember.objects.exists()


def test_one_that_was_missed_altogether_is_closed_and_never_opened(now):
    section = a_section(opens_at=now + HOUR, closes_at=now + 2 * HOUR)

    assert scheduling.turn_due(now + 3 * HOUR) == 1

    section.refresh_from_db()
    assert (section.state, section.opened_at) == ("CLOSED", None)


def test_one_without_an_opening_is_not_scheduled(now):
    with pytest.raises(InvalidInput), transaction.atomic():
        a_section(state="SCHEDULED")
    section = a_section()
    with pytest.raises(IntegrityError, match="sections_section_scheduled_has_its_opening"):
        Section.objects.filter(pk=section.pk).update(state="SCHEDULED")


def test_an_opening_that_is_moved_is_kept(now):
    section = a_section(opens_at=now + HOUR)
    with transaction.atomic():
        sections.edit(section, actor=SYSTEM, now=now, opens_at=now + 3 * HOUR)

    turned = [scheduling.turn_due(now + after * HOUR) for after in (1, 3)]

    assert turned == [0, 1]


def test_over_http_what_opens_later_is_scheduled(client):
    manager = bearer(a_staff(Role.SECTION_MANAGER))
    body = {"slug": "later", "name": "预告", "state": "OPEN", "opens_at": "2099-01-01T00:00:00Z"}

    made = client.post("/api/v1/staff/sections", body, "application/json", **manager)
    closed = client.patch(
        "/api/v1/staff/sections/later", {"state": "CLOSED"}, "application/json", **manager
    )

    assert (made.status_code, made.json()["state"]) == (201, "SCHEDULED")
    assert client.get("/api/v1/sections/later").status_code == 404
    assert (closed.status_code, closed.json()["state"]) == (200, "CLOSED")


def test_over_http_what_is_scheduled_keeps_its_opening_until_it_is_opened_or_closed(ask):
    manager = a_staff(Role.SECTION_MANAGER)
    body = {"slug": "later", "name": "预告", "state": "OPEN", "opens_at": "2099-01-01T00:00:00Z"}
    ask(manager, "POST", "staff/sections", body)

    refused = ask(manager, "PATCH", "staff/sections/later", {"opens_at": None})
    wish = {"opens_at": None, "closes_at": "2098-01-01T00:00:00+00:00", "state": "OPEN"}
    opened = ask(manager, "PATCH", "staff/sections/later", wish)

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_INPUT")
    assert refused.json()["errors"][0]["pointer"] == "/opens_at"
    assert (opened.status_code, opened.json()["state"]) == (200, "OPEN")
    assert (opened.json()["opens_at"], opened.json()["closes_at"]) == (None, wish["closes_at"])
