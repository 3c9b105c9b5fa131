"""The page of enrolments: approved and turned down, one or many."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry
from marketplace.campaigns.domain.states import ENROLMENT, Decision, EnrolmentState
from marketplace.campaigns.models import Enrolment
from marketplace.campaigns.selectors import console
from marketplace.campaigns.services import reviewing


@admin.register(Enrolment)
class EnrolmentPage(ReadPage):
    """What shops offer to campaigns."""

    rows = staticmethod(console.enrolments_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 6, "how_to_reg"
    called = (said("enrolment", "活动报名"), said("enrolments", "活动报名"))
    states, machine = EnrolmentState, ENROLMENT
    colours = {
        EnrolmentState.SUBMITTED: figures.AMBER,
        EnrolmentState.APPROVED: figures.GREEN,
        EnrolmentState.REJECTED: figures.RED,
    }
    list_display = (
        *("goods", "shop_name", "campaign_name", "price", "pieces", "limit"),
        *("standing", "submitted"),
    )
    list_filter = (
        filters.by_code("state", EnrolmentState, said("State", "状态")),
        filters.by_days("submitted_at", said("Handed in", "提交时间")),
    )
    search_fields = ("sku__product__title", "shop__name", "campaign__name", "campaign__slug")
    search_help_text = said("Product, shop or campaign", "商品、店铺或活动")
    fields = (
        *("goods", "shop_name", "campaign_link", "price", "pieces", "limit", "standing"),
        *("submitted", "decided", "remarked", "steps", "id_outside"),
    )
    ordering = ("-pk",)
    actions = ("approve", "reject", "revoke")

    def name_of(self, row: Enrolment) -> str:
        """Name an enrolment by its goods."""
        return self.goods(row)

    @admin.display(description=said("Product", "商品"), ordering="sku__product__title")
    def goods(self, row: Enrolment) -> str:
        return f"{row.sku.product.title} {row.sku.spec}"

    @admin.display(description=said("Shop", "店铺"), ordering="shop__name")
    def shop_name(self, row: Enrolment) -> str:
        return row.shop.name

    @admin.display(description=said("Campaign", "活动"), ordering="campaign__starts_at")
    def campaign_name(self, row: Enrolment) -> str:
        return chosen(row.campaign.name_en or row.campaign.name, row.campaign.name)

    @admin.display(description=said("Campaign", "活动"))
    def campaign_link(self, row: Enrolment) -> SafeString:
        return figures.link(
            reverse("admin:campaigns_campaign_change", args=[row.campaign_id]),
            self.campaign_name(row),
        )

    @admin.display(description=said("Campaign price, ordinary price", "活动价、日常价"))
    def price(self, row: Enrolment) -> str:
        return f"{figures.yuan(row.price_fen)} / {figures.yuan(row.sku.price_fen)}"

    @admin.display(description=said("Pieces", "数量"), ordering="quantity")
    def pieces(self, row: Enrolment) -> str:
        return f"{row.quantity:,}"

    @admin.display(description=said("Per person", "每人限购"))
    def limit(self, row: Enrolment) -> str:
        return str(row.per_user_limit or figures.NOTHING)

    @admin.display(description=said("Handed in", "提交时间"), ordering="submitted_at")
    def submitted(self, row: Enrolment) -> str:
        return figures.local_time(row.submitted_at)

    @admin.display(description=said("Decided", "处理时间"))
    def decided(self, row: Enrolment) -> str:
        return figures.local_time(row.decided_at)

    @admin.display(description=said("What the shop is told", "告知商家"))
    def remarked(self, row: Enrolment) -> str:
        return row.remark or figures.NOTHING

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Enrolment) -> SafeString:
        return lives.life(ENROLMENT, row.pk, EnrolmentState)

    @admin.display(description="ID")
    def id_outside(self, row: Enrolment) -> str:
        return str(row.reference)

    @admin.action(description=said("Approve", "通过"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        self._decide(request, queryset, Decision.APPROVE)

    @admin.action(description=said("Reject, with a reason", "驳回（须填原因）"))
    def reject(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        self._decide(request, queryset, Decision.REJECT)

    @admin.action(description=said("Take the approval back, with a reason", "撤销通过（须填原因）"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        self._decide(request, queryset, Decision.REJECT)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Enrolment], decision: Decision
    ) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(reviewing.decide)(row, decision, actor=actor, now=now, reason=reason),
        )
