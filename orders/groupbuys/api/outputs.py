"""What the API answers about group buys and teams: the documentation of `selectors/offered.py`."""

from rest_framework import serializers

from marketplace.activities.domain.states import ActivityState
from orders.groupbuys.domain.states import Failure, MemberState, TeamState, VirtualMode
from orders.placement.api.outputs import PlacedOrderOutput


class TeamOutput(serializers.Serializer):
    """A team: figures and times; who sits in it is nobody else's business."""

    id = serializers.UUIDField()
    group_buy = serializers.UUIDField()
    state = serializers.ChoiceField(TeamState.choices)
    failure = serializers.ChoiceField(Failure.choices, allow_null=True)
    size = serializers.IntegerField()
    paid = serializers.IntegerField()
    locked = serializers.IntegerField(help_text="Seats whose payment is awaited.")
    virtual = serializers.IntegerField(help_text="Seats that the shop left empty.")
    free = serializers.IntegerField()
    is_joinable = serializers.BooleanField()
    opened_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    succeeded_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()


class GroupBuyOutput(serializers.Serializer):
    """A price for teams."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(ActivityState.choices)
    sku = serializers.UUIDField()
    product = serializers.UUIDField()
    title = serializers.CharField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    left = serializers.IntegerField()
    per_user_limit = serializers.IntegerField(allow_null=True)
    team_size = serializers.IntegerField()
    team_hours = serializers.IntegerField()
    virtual_mode = serializers.ChoiceField(VirtualMode.choices)
    virtual_ratio_bp = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    server_time = serializers.DateTimeField()


class GroupBuyWithTeamsOutput(GroupBuyOutput):
    """A price for teams, with teams that wait for somebody."""

    teams = TeamOutput(many=True)


class SeatedOutput(serializers.Serializer):
    """The seat that was taken: its team, and the order that is to be paid for it."""

    team = TeamOutput()
    order = PlacedOrderOutput()


class SeatOutput(serializers.Serializer):
    """One's own seat."""

    state = serializers.ChoiceField(MemberState.choices)
    is_leader = serializers.BooleanField()
    joined_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    order = serializers.UUIDField(allow_null=True)
    team = TeamOutput()


class CalledOffOutput(serializers.Serializer):
    """How many undecided teams were given up."""

    teams = serializers.IntegerField()
