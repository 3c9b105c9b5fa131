"""How much is left, and how much stands where."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Sum

from core.quotas.models import QuotaShard


@dataclass(frozen=True, slots=True)
class Figures:
    """A quota in four numbers that always add up."""

    total: int
    held: int
    spent: int

    @property
    def free(self) -> int:
        """Return what anybody may still draw."""
        return self.total - self.held - self.spent


def left(quota_ids: Collection[int]) -> dict[int, int]:
    """Return what is free of each quota."""
    return {quota_id: figure.free for quota_id, figure in figures(quota_ids).items()}


def figures(quota_ids: Collection[int]) -> dict[int, Figures]:
    """Return the figures of each quota, summed over its shards, with one statement."""
    rows = (
        QuotaShard.objects.filter(quota_id__in=quota_ids)
        .values("quota_id")
        .annotate(totals=Sum("total"), helds=Sum("held"), spents=Sum("spent"))
        .order_by("quota_id")
        .values_list("quota_id", "totals", "helds", "spents")
    )
    return {quota_id: Figures(total, held, spent) for quota_id, total, held, spent in rows}
