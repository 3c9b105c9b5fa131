"""Coupon batches: drafted, put to work, stopped, and watched."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.forms import Deed
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.regions.selectors import divisions
from core.transactions import entry
from marketplace.coupons.admin import forms, outlook, taking, watching
from marketplace.coupons.domain.drafts import Draft
from marketplace.coupons.domain.kinds import CommitMode, CouponKind, Funder, Issuer, ScopeBy
from marketplace.coupons.domain.states import (
    BATCH_LIFE,
    CODED,
    GROWING,
    BatchState,
    CodeRunState,
)
from marketplace.coupons.models import BatchScope, CouponBatch
from marketplace.coupons.selectors import console
from marketplace.coupons.services import batches, codes, deciding, editing

_ABOUT_CODES = ("make_codes", "stop_codes", "go_on_with_codes")


def _draft(
    page: ReadPage,
    request: HttpRequest,
    row: None,  # noqa: ARG001
    given: dict[str, Any],
) -> CouponBatch:
    wanted = Draft(issuer=Issuer.PLATFORM.value, **given)
    return entry(batches.draft)(wanted, actor=page.actor(request), now=timezone.now())


def _edit(
    page: ReadPage,
    request: HttpRequest,
    row: CouponBatch,
    given: dict[str, Any],
) -> CouponBatch:
    return entry(editing.edit)(row.reference, given, actor=page.actor(request), now=timezone.now())


def _present(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("quantity", "claim_until", "use_until")}


def _is_draft(row: CouponBatch) -> bool:
    return row.state == BatchState.DRAFT and row.issuer == Issuer.PLATFORM


def _is_growing(row: CouponBatch) -> bool:
    return row.state in GROWING and not _is_draft(row)


@admin.register(CouponBatch)
class BatchPage(ReadPage):
    """Batches of coupons."""

    rows = staticmethod(console.batches_for)
    roles = (Role.CAMPAIGN_MANAGER,)
    group, place, icon = Group.CAMPAIGNS, 20, "confirmation_number"
    called = (said("coupon batch", "优惠券批次"), said("coupon batches", "优惠券批次"))
    states, machine = BatchState, BATCH_LIFE
    colours = {
        BatchState.REVIEW: figures.AMBER,
        BatchState.ACTIVE: figures.GREEN,
        BatchState.PAUSED: figures.AMBER,
        BatchState.REJECTED: figures.RED,
        BatchState.ENDED: figures.BLUE,
    }
    deeds = (
        Deed("add", said("New batch", "新建批次"), forms.BatchForm, _draft),
        Deed("edit", said("Edit", "编辑"), forms.BatchForm, _edit, forms.start_of, _is_draft),
        Deed(
            "grow",
            said("More pieces, later ends", "增发或延期"),
            forms.GrowForm,
            _edit,
            _present,
            _is_growing,
        ),
    )
    sights = (outlook.SIGHT, *taking.OF_BATCHES, *taking.PICTURES)
    list_display = ("title", "issued_by", "terms", "standing", "use", "claims")
    list_filter = (
        filters.by_code("state", BatchState, said("State", "状态")),
        filters.by_code("kind", CouponKind, said("Kind", "优惠类型")),
        filters.by_code("issuer", Issuer, said("Issuer", "发券方")),
    )
    search_fields = ("name",)
    fields = (
        "title",
        "issued_by",
        "standing",
        "terms",
        "use",
        "limit",
        "claims",
        "validity",
        "counts_for",
        "who_pays",
        "commits",
        "activity",
        "codes",
        "course",
        "refused",
        "steps",
    )
    ordering = ("-pk",)
    actions = (
        *("submit", "approve", "reject", "pause", "resume", "end", "close", "void"),
        *("make_codes", "stop_codes", "go_on_with_codes"),
    )

    @admin.display(description=said("Name", "批次名称"), ordering="name")
    def title(self, row: CouponBatch) -> str:
        return row.name

    @admin.display(description=said("Issuer", "发券方"), ordering="issuer")
    def issued_by(self, row: CouponBatch) -> str:
        return row.issuer_shop.name if row.issuer_shop else figures.label(Issuer, row.issuer)

    @admin.display(description=said("Takes off", "优惠内容"))
    def terms(self, row: CouponBatch) -> str:
        return f"{_threshold(row)}{_reduction(row)}"

    @admin.display(description=said("Claimed and used", "领取与使用"))
    def use(self, row: Any) -> SafeString:
        unused, left = row.claimed - row.used, row.quantity - row.claimed
        parts = (
            figures.Part(row.used, figures.GREEN, chosen("used ", "已用 ") + f"{row.used:,}"),
            figures.Part(unused, figures.AMBER, chosen("claimed ", "已领 ") + f"{row.claimed:,}"),
            figures.Part(left, "empty", chosen("left ", "剩余 ") + f"{left:,}"),
        )
        return figures.bar(parts, row.quantity)

    @admin.display(description=said("Per person", "每人限领"))
    def limit(self, row: CouponBatch) -> str:
        return str(row.per_user_limit)

    @admin.display(description=said("Claims", "领取时间"), ordering="claim_until")
    def claims(self, row: CouponBatch) -> SafeString:
        return figures.lines(
            figures.local_time(row.claim_from), f"– {figures.local_time(row.claim_until)}"
        )

    @admin.display(description=said("Valid", "使用有效期"))
    def validity(self, row: CouponBatch) -> SafeString:
        days = row.days_after_claim
        return figures.lines(
            figures.window(row.use_from, row.use_until) if row.use_until or row.use_from else "",
            chosen(f"{days} days after the claim", f"领取后 {days} 天内") if days else "",
        )

    @admin.display(description=said("Counts for", "适用范围"))
    def counts_for(self, row: CouponBatch) -> SafeString:
        rows: Any = row.scope
        named = [_scope(one) for one in rows.all()]
        return figures.lines(*named) or SafeString(chosen("Everything", "全场"))

    @admin.display(description=said("Who pays", "出资分担"))
    def who_pays(self, row: CouponBatch) -> SafeString:
        headings = (
            chosen("Funder", "出资方"),
            chosen("Share", "比例"),
            chosen("From", "来源"),
        )
        funding: Any = row.funding
        return figures.table(
            headings,
            [
                (figures.label(Funder, part.funder), figures.percent(part.bp), self._source(part))
                for part in funding.all()
            ],
            figures={1},
        )

    @admin.display(description=said("Budget is set aside", "预算锁定方式"))
    def commits(self, row: CouponBatch) -> str:
        return figures.label(CommitMode, row.commit_mode)

    @admin.display(description=said("Also on activity prices", "可与活动价同享"))
    def activity(self, row: CouponBatch) -> str:
        return chosen("yes", "是") if row.allow_on_activity_price else chosen("no", "否")

    @admin.display(description=said("Codes", "兑换码"))
    def codes(self, row: CouponBatch) -> str:
        run = console.code_run_of(row) if row.by_code else None
        if run is None:
            return chosen("none yet", "尚未生成") if row.by_code else figures.NOTHING
        state = figures.label(CodeRunState, run.state)
        return f"{run.written:,} / {run.wanted:,} · {state}"

    @admin.display(description=said("How it goes", "领取与使用走势"))
    def course(self, row: CouponBatch) -> SafeString:
        return watching.course_of(row)

    @admin.display(description=said("Refused claims, roughly", "被拒领取（约）"))
    def refused(self, row: CouponBatch) -> SafeString:
        return watching.refused_of(row)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: CouponBatch) -> SafeString:
        return lives.life(BATCH_LIFE, row.pk, BatchState)

    @admin.action(description=said("Submit for review", "提交审核"))
    def submit(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "submit")

    @admin.action(description=said("Approve: put to work", "通过并启用"))
    def approve(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "approve")

    @admin.action(description=said("Reject", "驳回"))
    def reject(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "reject")

    @admin.action(description=said("Pause claims", "暂停领取"))
    def pause(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "pause")

    @admin.action(description=said("Resume claims", "恢复领取"))
    def resume(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "resume")

    @admin.action(description=said("End claims for good", "结束领取"))
    def end(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "end")

    @admin.action(description=said("Close", "关闭"))
    def close(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "close")

    @admin.action(description=said("Void for fraud, with a reason", "因欺诈作废（须填原因）"))
    def void(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._step(request, queryset, "void")

    @admin.action(description=said("Make codes", "生成兑换码"))
    def make_codes(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        actor, now = self.actor(request), timezone.now()
        self.carry_out(
            request,
            queryset,
            lambda row: entry(codes.start)(row.reference, actor=actor, now=now),
        )

    @admin.action(description=said("Stop making codes", "停止生成兑换码"))
    def stop_codes(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._turn_codes(request, queryset, "stop")

    @admin.action(description=said("Go on making codes", "继续生成兑换码"))
    def go_on_with_codes(self, request: HttpRequest, queryset: QuerySet[CouponBatch]) -> None:
        self._turn_codes(request, queryset, "resume")

    def acts_on(self, row: CouponBatch) -> list[str]:
        """Offer what fits the state; what is about codes only where there are codes."""
        run = console.code_run_of(row) if row.by_code else None
        fits = {
            "make_codes": row.by_code and row.state in CODED,
            "stop_codes": run is not None and run.state == CodeRunState.WRITING,
            "go_on_with_codes": run is not None and run.state == CodeRunState.STOPPED,
            "void": BATCH_LIFE.next_of(row.state, "void") is not None and row.voided_at is None,
        }
        offered = [name for name in super().acts_on(row) if fits.get(name, True)]
        return [*offered, *(name for name in _ABOUT_CODES if fits[name])]

    def _turn_codes(
        self, request: HttpRequest, queryset: QuerySet[CouponBatch], action: str
    ) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(codes.decide)(
                row.reference, action, actor=actor, now=now, reason=reason
            ),
        )

    def _step(self, request: HttpRequest, queryset: QuerySet[CouponBatch], action: str) -> None:
        actor, now, reason = self.actor(request), timezone.now(), self.reason(request)
        self.carry_out(
            request,
            queryset,
            lambda row: entry(deciding.decide)(
                row.reference, action, actor=actor, now=now, reason=reason
            ),
        )

    def _source(self, part: Any) -> object:
        if part.budget is None:
            shops = console.shops_that_bear(part.batch)
            return chosen(f"{shops} shops agreed", f"{shops} 家店铺已接受")
        address = reverse("admin:coupons_couponbudget_change", args=[part.budget_id])
        return figures.link(address, part.budget.name)


def _threshold(row: CouponBatch) -> str:
    if row.threshold_fen is not None:
        amount = figures.yuan(row.threshold_fen)
        return chosen(f"from {amount}: ", f"满 {amount} ")
    if row.threshold_pieces is not None:
        return chosen(f"from {row.threshold_pieces} pieces: ", f"满 {row.threshold_pieces} 件")
    return ""


def _reduction(row: CouponBatch) -> str:
    if row.discount_bp is not None:
        rate, most = figures.percent(row.discount_bp), figures.yuan(row.max_discount_fen or 0)
        return chosen(f"{rate} off, at most {most}", f"减 {rate}，最高 {most}")
    amount = figures.yuan(row.amount_fen or 0)
    if row.kind == CouponKind.FREIGHT:
        return chosen(f"{amount} off the freight", f"运费减 {amount}")
    return chosen(f"{amount} off", f"减 {amount}")


def _scope(row: BatchScope) -> str:
    heading = figures.label(ScopeBy, row.by)
    if row.by == ScopeBy.REGION:
        return f"{heading}: {divisions.names([row.region]).get(row.region, '')} {row.region}"
    if row.by == ScopeBy.CATEGORY and row.category:
        return f"{heading}: {chosen(row.category.name_en, row.category.name_zh)}"
    if row.by == ScopeBy.SECTION and row.section:
        return f"{heading}: {chosen(row.section.name_en or row.section.name, row.section.name)}"
    return f"{heading}: {row.programme or row.product or row.shop}"
