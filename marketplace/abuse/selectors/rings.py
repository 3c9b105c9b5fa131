"""Traces to look at, and the ring of people who share a mark with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from core.errors import NotFound
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.models import Trace

# What tells people apart; a network does not.
SHARED = ("device", "recipient", "address")
RING_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Ring:
    """Everybody who shares a device, a recipient or an address with one trace, themselves too."""

    users: Sequence[UUID]
    # Who claimed of which batch, and the orders.
    claims: Sequence[tuple[UUID, UUID]]
    orders: Sequence[UUID]


def traces(outcome: str = "") -> QuerySet[Trace]:
    """Return what was noted, with who did it; all of it or of one outcome."""
    rows = Trace.objects.select_related("user")
    return rows.filter(outcome=outcome) if outcome else rows


def one(reference: UUID) -> Trace:
    """Return a trace.

    Raises:
        NotFound: there is none of that id.
    """
    found = traces().filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="trace")
    return found


def people_of(trace: Trace) -> list[int]:
    """Return the keys of everybody in the ring around a trace, in their order."""
    rows = Trace.objects.filter(_sharing_with(trace)).values_list("user_id", flat=True)
    return list(rows.order_by("user_id").distinct())


def ring_of(trace: Trace) -> Ring:
    """Return the ring around a trace."""
    traces_there = Trace.objects.filter(_sharing_with(trace)).select_related("user")
    rows = list(traces_there.order_by("at", "id")[:RING_MAX])
    claims = [(row.user.reference, row.subject) for row in rows if row.deed == Deed.CLAIM]
    return Ring(
        users=list(dict.fromkeys(row.user.reference for row in rows)),
        claims=list(dict.fromkeys(claims)),
        orders=[row.subject for row in rows if row.deed == Deed.ORDER],
    )


def _sharing_with(trace: Trace) -> Q:
    shared = [Q(**{name: getattr(trace, name)}) for name in SHARED if getattr(trace, name)]
    return reduce(or_, shared, Q(pk=trace.pk))
