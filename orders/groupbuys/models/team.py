"""A team and the seats in it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.money import BASIS_POINTS
from marketplace.activities.models import Activity
from orders.groupbuys.domain.arithmetic import SIZE_MAX, SIZE_MIN
from orders.groupbuys.domain.states import (
    SEATED,
    UNDECIDED,
    Failure,
    MemberState,
    TeamState,
    VirtualMode,
)


class Team(models.Model):
    """Some people who buy together, on the terms of the day it was opened.

    `locked`, `paid` and `virtual` count its seats; the rows of its members explain them.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, default=TeamState.OPENING)
    failure = models.CharField(max_length=10, default=Failure.NONE, blank=True)
    # Nobody while whoever led has left and the others are still to pay.
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    size = models.PositiveSmallIntegerField()
    team_hours = models.PositiveSmallIntegerField()
    virtual_mode = models.CharField(max_length=10)
    virtual_ratio_bp = models.PositiveIntegerField()

    locked = models.SmallIntegerField(default=0)
    paid = models.SmallIntegerField(default=0)
    virtual = models.SmallIntegerField(default=0)

    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # When the shop gave it up because it cannot deliver; nobody joins it from then on.
    called_off_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="groupbuys_team_is_a_team", condition=Q(size__range=(SIZE_MIN, SIZE_MAX))
            ),
            models.CheckConstraint(
                name="groupbuys_team_never_overfull",
                condition=Q(locked__gte=0, paid__gte=0, virtual__gte=0)
                & Q(size__gte=F("locked") + F("paid") + F("virtual")),
            ),
            models.CheckConstraint(
                name="groupbuys_team_opened_has_its_times",
                condition=Q(opened_at=None, expires_at=None)
                | Q(opened_at__isnull=False, expires_at__gt=F("opened_at")),
            ),
            models.CheckConstraint(
                name="groupbuys_team_forms_once_its_leader_paid",
                condition=Q(state=TeamState.OPENING, opened_at=None)
                | Q(state=TeamState.FAILED)
                | Q(
                    state__in=[TeamState.FORMING, TeamState.SUCCEEDED],
                    opened_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="groupbuys_team_succeeded_is_full",
                condition=Q(
                    state=TeamState.SUCCEEDED,
                    succeeded_at__isnull=False,
                    locked=0,
                    size=F("paid") + F("virtual"),
                )
                | (~Q(state=TeamState.SUCCEEDED) & Q(succeeded_at=None, virtual=0)),
            ),
            models.CheckConstraint(
                name="groupbuys_team_failed_has_its_reason",
                condition=(
                    Q(state=TeamState.FAILED, failed_at__isnull=False, locked=0)
                    & ~Q(failure=Failure.NONE)
                )
                | (~Q(state=TeamState.FAILED) & Q(failed_at=None, failure=Failure.NONE)),
            ),
            models.CheckConstraint(
                name="groupbuys_team_only_undecided_ones_are_due",
                condition=Q(state__in=UNDECIDED) | Q(next_attempt_at=None),
            ),
            models.CheckConstraint(
                name="groupbuys_team_virtual_only_by_opting_in",
                condition=Q(virtual=0)
                | Q(
                    virtual_mode=VirtualMode.RATIO,
                    virtual_ratio_bp__range=(1, BASIS_POINTS),
                    paid__gt=0,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["activity", "expires_at", "id"],
                name="groupbuys_team_forming",
                condition=Q(state=TeamState.FORMING),
            ),
            models.Index(fields=["activity", "-created_at", "-id"], name="groupbuys_team_all"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="groupbuys_team_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"team {self.reference}"


class TeamMember(models.Model):
    """One seat of a team: somebody's, with the order it was taken by, or left empty by the shop."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", db_index=False)
    # That of the team, so that one person is in one open team of a group buy.
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    order = models.OneToOneField(
        "placement.Order", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, default=MemberState.LOCKED)
    is_virtual = models.BooleanField(default=False)
    # Whether the team may still become something, and this seat is somebody's in it.
    is_open = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    # By the provider's clock.
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="groupbuys_teammember_one_open_team_at_a_time",
                fields=["activity", "user"],
                condition=Q(is_open=True),
            ),
            models.UniqueConstraint(
                name="groupbuys_teammember_one_seat_in_a_team",
                fields=["team", "user"],
                condition=Q(state__in=SEATED),
            ),
            models.CheckConstraint(
                name="groupbuys_teammember_virtual_is_nobody",
                condition=Q(
                    is_virtual=True,
                    state=MemberState.VIRTUAL,
                    user=None,
                    order=None,
                    is_open=False,
                )
                | (
                    Q(is_virtual=False, user__isnull=False, order__isnull=False)
                    & ~Q(state=MemberState.VIRTUAL)
                ),
            ),
            models.CheckConstraint(
                name="groupbuys_teammember_paid_has_its_time",
                condition=Q(
                    state__in=[MemberState.PAID, MemberState.REFUNDING, MemberState.REFUNDED],
                    paid_at__isnull=False,
                )
                | Q(
                    state__in=[MemberState.LOCKED, MemberState.RELEASED, MemberState.VIRTUAL],
                    paid_at=None,
                ),
            ),
            models.CheckConstraint(
                name="groupbuys_teammember_open_is_seated",
                condition=Q(is_open=False) | Q(state__in=SEATED),
            ),
        ]
        indexes = [
            models.Index(fields=["team", "id"], name="groupbuys_teammember_of_team"),
            models.Index(fields=["user", "-joined_at", "-id"], name="groupbuys_teammember_of_user"),
        ]

    def __str__(self) -> str:
        return f"seat {self.pk} of team {self.team_id}"
