"""What a shop offers to those who buy together."""

from django.db import models
from django.db.models import Q

from core.money import BASIS_POINTS
from marketplace.activities.models import Activity
from orders.groupbuys.domain.arithmetic import HOURS_MAX, HOURS_MIN, SIZE_MAX, SIZE_MIN
from orders.groupbuys.domain.states import VirtualMode


class GroupTerms(models.Model):
    """How large a team of a group buy is, and how long it may form."""

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="+")
    team_size = models.PositiveSmallIntegerField()
    team_hours = models.PositiveSmallIntegerField()
    virtual_mode = models.CharField(max_length=10, default=VirtualMode.NONE)
    # Nothing while the mode is NONE.
    virtual_ratio_bp = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="groupbuys_groupterms_team_is_a_team",
                condition=Q(team_size__range=(SIZE_MIN, SIZE_MAX)),
            ),
            models.CheckConstraint(
                name="groupbuys_groupterms_team_has_time",
                condition=Q(team_hours__range=(HOURS_MIN, HOURS_MAX)),
            ),
            models.CheckConstraint(
                name="groupbuys_groupterms_ratio_belongs_to_its_mode",
                condition=Q(virtual_mode=VirtualMode.NONE, virtual_ratio_bp=0)
                | Q(virtual_mode=VirtualMode.RATIO, virtual_ratio_bp__range=(1, BASIS_POINTS)),
            ),
        ]

    def __str__(self) -> str:
        return f"teams of {self.team_size}"
