"""What may be said about campaigns and enrolments."""

from typing import Any

from rest_framework import serializers

from core.http.forms import (
    CodeField,
    CountField,
    DayField,
    FenField,
    Form,
    InstantField,
    ReferenceField,
    TextField,
    forward,
)
from marketplace.campaigns.domain.kinds import CampaignKind
from marketplace.campaigns.domain.states import Decision, EnrolmentState
from marketplace.campaigns.services.campaigns import ACTIONS
from marketplace.sections.api.fields import SlugField

AT_ONCE_MAX = 100


class CalendarQuery(Form):
    """Days in China: campaigns that run at some time from the first, up to before the last."""

    def get_fields(self) -> dict[str, Any]:
        """Return the two days; one of them is called as Python calls something else."""
        return {"from": DayField(required=False), "to": DayField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse days of which there are none."""
        forward(attrs, "from", "to")
        return attrs


class CampaignForm(Form):
    """A campaign: its theme, whose it is, and when it takes enrolments, is announced and runs."""

    slug = SlugField()
    kind = CodeField(choices=CampaignKind.choices)
    name = TextField(max_length=40)
    name_en = TextField(max_length=60, required=False, allow_blank=True)
    intro = TextField(max_length=500, required=False, allow_blank=True, multiline=True)
    intro_en = TextField(max_length=500, required=False, allow_blank=True, multiline=True)
    section = TextField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="Slug of a section: only goods from where its goods come from.",
    )
    budget = ReferenceField(
        required=False, allow_null=True, help_text="The coupon budget that it spends."
    )
    organisation = TextField(
        max_length=80, required=False, allow_blank=True, help_text="Who holds it, by name."
    )
    enrol_from = InstantField()
    enrol_until = InstantField()
    preheats_at = InstantField()
    starts_at = InstantField()
    ends_at = InstantField()


class TransitionForm(Form):
    """A step in the life of a campaign; who stops one says why."""

    action = CodeField(choices=[(action, action) for action in ACTIONS])
    reason = TextField(max_length=200, required=False, allow_blank=True, default="")


class EnrolmentForm(Form):
    """What a shop offers to a campaign."""

    campaign = TextField(max_length=40, help_text="Its slug.")
    sku = ReferenceField()
    price_fen = FenField(min_value=1)
    quantity = CountField()
    per_user_limit = CountField(required=False, allow_null=True, default=None)


class ShopEnrolmentsQuery(Form):
    """Which of a shop's enrolments: all, or those in one campaign."""

    campaign = TextField(max_length=40, required=False, default="")


class EnrolmentsQuery(Form):
    """Which enrolments of a campaign: all, or those in one state."""

    state = CodeField(choices=EnrolmentState.choices, required=False, default="")


class DecisionForm(Form):
    """What staff say to an enrolment; who turns one down says why."""

    decision = CodeField(choices=Decision.choices)
    reason = TextField(max_length=200, required=False, allow_blank=True, default="")


class DecisionsForm(DecisionForm):
    """What staff say to many enrolments of a campaign."""

    enrolments = serializers.ListField(child=ReferenceField(), min_length=1, max_length=AT_ONCE_MAX)
