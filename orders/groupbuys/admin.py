"""Teams in the console: watched, and called off where a shop cannot deliver."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import said
from orders.groupbuys.domain.states import TEAM, UNDECIDED, Failure, TeamState
from orders.groupbuys.models import Team
from orders.groupbuys.selectors import console
from orders.groupbuys.services import expiring


@admin.register(Team)
class TeamPage(ReadPage):
    """Who buys together, and how far they are."""

    rows = staticmethod(console.teams_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 60, "groups"
    called = (said("team", "拼团"), said("teams", "拼团"))
    states = TeamState
    colours = {
        TeamState.OPENING: figures.AMBER,
        TeamState.FORMING: figures.BLUE,
        TeamState.SUCCEEDED: figures.GREEN,
        TeamState.FAILED: figures.RED,
    }
    list_display = ("created", "goods", "shop_name", "standing", "why", "seats", "expires")
    list_filter = (
        filters.by_code("state", TeamState, said("State", "状态")),
        filters.by_code("failure", Failure, said("Why it failed", "失败原因")),
        filters.by_days("created_at", said("Opened", "开团时间")),
    )
    search_fields = ("activity__sku__product__title__icontains",)
    search_help_text = said("Product", "商品名称")
    fields = (
        "id_outside",
        "goods",
        "shop_name",
        "price",
        "standing",
        "why",
        "seats",
        "created",
        "expires",
        "decided",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("call_off",)

    def name_of(self, row: Team) -> str:
        """Name the team by its goods."""
        return f"{row.activity.sku.product.title} {row.paid}/{row.size}"

    def acts_on(self, row: Team) -> list[str]:
        """Only what may still become something can be called off, once."""
        return ["call_off"] if row.state in UNDECIDED and not row.called_off_at else []

    @admin.display(description="ID")
    def id_outside(self, row: Team) -> str:
        return str(row.reference)

    @admin.display(description=said("Goods", "商品"))
    def goods(self, row: Team) -> str:
        return f"{row.activity.sku.product.title} {row.activity.sku.spec}"

    @admin.display(description=said("Shop", "店铺"))
    def shop_name(self, row: Team) -> str:
        return row.activity.sku.product.shop.name

    @admin.display(description=said("Team price", "拼团价"))
    def price(self, row: Team) -> str:
        return figures.yuan(row.activity.price_fen)

    @admin.display(description=said("Why it failed", "失败原因"))
    def why(self, row: Team) -> str:
        return figures.label(Failure, row.failure) if row.failure else figures.NOTHING

    @admin.display(description=said("Paid, to pay, empty, of seats", "已付、待付、虚拟、总人数"))
    def seats(self, row: Team) -> str:
        return f"{row.paid} + {row.locked} + {row.virtual} / {row.size}"

    @admin.display(description=said("Opened", "开团时间"), ordering="created_at")
    def created(self, row: Team) -> str:
        return figures.local_time(row.created_at)

    @admin.display(description=said("Its time is over", "截止时间"))
    def expires(self, row: Team) -> str:
        return figures.local_time(row.expires_at)

    @admin.display(description=said("Decided", "成团或失败时间"))
    def decided(self, row: Team) -> str:
        return figures.local_time(row.succeeded_at or row.failed_at)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Team) -> SafeString:
        return lives.life(TEAM, row.pk, TeamState)

    @admin.action(description=said("Call off: the shop cannot deliver", "商家缺货，取消拼团"))
    def call_off(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        actor, now = self.actor(request), timezone.now()
        self.carry_out(
            request, queryset, lambda row: expiring.call_off_one(row.pk, actor=actor, now=now)
        )
