"""Opening and closing sections at their instants; what people see never waits for it."""

from datetime import datetime

from django.db.models import F, Q

from core.audit.actors import SYSTEM
from core.audit.advancing import advance
from core.outbox.recording import record
from core.transactions import entry
from marketplace.sections.domain.states import SECTION, SectionState
from marketplace.sections.events import SectionChanged
from marketplace.sections.models import Section

AT_ONCE_MAX = 1_000


@entry
def turn_due(now: datetime, limit: int = AT_ONCE_MAX) -> int:
    """Open what was scheduled and close what is over; return how many sections turned.

    A section that somebody is changing at this moment is left for the next round.
    """
    is_over = Q(closes_at__lte=now, state__in=[SectionState.OPEN, SectionState.SCHEDULED])
    is_due = Q(opens_at__lte=now, state=SectionState.SCHEDULED) & ~Q(closes_at__lte=now)
    locked = list(
        Section.objects.filter(is_over | is_due)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("id")
        .values_list("pk", flat=True)[:limit]
    )
    rows = Section.objects.filter(pk__in=locked)
    version = F("version") + 1
    turned = [
        *advance(rows.filter(is_over), SECTION, "close", actor=SYSTEM, now=now, version=version),
        *advance(
            rows.filter(is_due),
            SECTION,
            "open",
            actor=SYSTEM,
            now=now,
            version=version,
            opened_at=now,
        ),
    ]
    changed = [
        SectionChanged(row.pk, str(row.reference), row.version)
        for row in Section.objects.filter(pk__in=turned).order_by("id")
    ]
    if changed:
        record(*changed, now=now)
    return len(turned)
