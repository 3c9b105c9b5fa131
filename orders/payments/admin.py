"""Payments and refunds in the console: held ones are asked about, parked ones sent again."""

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
from orders.payments.domain.states import (
    PAYMENT,
    REFUND,
    Instalment,
    PaymentState,
    RefundReason,
    RefundState,
    Verdict,
)
from orders.payments.models import Payment, Refund
from orders.payments.selectors import console
from orders.payments.services import capturing, refunding
from orders.placement.admin import OrderPage
from orders.placement.models import Order

_COLOURS = {
    PaymentState.PROCESSING: figures.AMBER,
    PaymentState.SUCCEEDED: figures.GREEN,
    PaymentState.FAILED: figures.RED,
    PaymentState.QUARANTINED: figures.RED,
}


@admin.register(Payment)
class PaymentPage(ReadPage):
    """Every attempt to pay."""

    rows = staticmethod(console.payments_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.MONEY, 10, "payments"
    called = (said("payment", "支付单"), said("payments", "支付"))
    states = PaymentState
    colours = _COLOURS
    list_display = (
        "created",
        "order_number",
        "provider_name",
        "standing",
        "outcome",
        "part",
        "amount",
        "taken",
        "given_back",
    )
    list_filter = (
        filters.by_code("state", PaymentState, said("State", "状态")),
        filters.by_code("verdict", Verdict, said("Outcome", "处理结果")),
        filters.by_days("created_at", said("Created", "创建时间")),
    )
    search_fields = ("order__number__startswith",)
    search_help_text = said("Order number", "订单号")
    fields = (
        "id_outside",
        "order_link",
        "provider_name",
        "standing",
        "outcome",
        "part",
        "amount",
        "taken",
        "given_back",
        "receipt",
        "created",
        "asked",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("ask_provider",)

    def name_of(self, row: Payment) -> str:
        """Name the payment by its order."""
        return f"{row.order.number} {figures.yuan(row.amount_fen)}"

    def acts_on(self, row: Payment) -> list[str]:
        """Only what is held waits for a person."""
        return ["ask_provider"] if row.state == PaymentState.QUARANTINED else []

    @admin.display(description="ID")
    def id_outside(self, row: Payment) -> str:
        return str(row.reference)

    @admin.display(description=said("Order", "订单号"))
    def order_number(self, row: Payment) -> str:
        return row.order.number

    @admin.display(description=said("Order", "订单号"))
    def order_link(self, row: Payment) -> SafeString:
        return _order_link(row.order)

    @admin.display(description=said("Provider", "支付渠道"), ordering="provider")
    def provider_name(self, row: Payment) -> str:
        return row.provider

    @admin.display(description=said("Outcome", "处理结果"), ordering="verdict")
    def outcome(self, row: Payment) -> str:
        return figures.label(Verdict, row.verdict)

    @admin.display(description=said("For", "款项"), ordering="instalment")
    def part(self, row: Payment) -> str:
        return figures.label(Instalment, row.instalment)

    @admin.display(description=said("Asked", "应收"), ordering="amount_fen")
    def amount(self, row: Payment) -> str:
        return figures.yuan(row.amount_fen)

    @admin.display(description=said("Taken", "实收"), ordering="captured_fen")
    def taken(self, row: Payment) -> str:
        return figures.yuan(row.captured_fen)

    @admin.display(description=said("Given back", "已退"))
    def given_back(self, row: Payment) -> str:
        return figures.yuan(row.refunded_fen)

    @admin.display(description=said("Provider's receipt", "渠道流水号"))
    def receipt(self, row: Payment) -> str:
        return row.provider_transaction or figures.NOTHING

    @admin.display(description=said("Created", "创建时间"), ordering="created_at")
    def created(self, row: Payment) -> str:
        return figures.local_time(row.created_at)

    @admin.display(description=said("Times asked", "查询次数"))
    def asked(self, row: Payment) -> str:
        return str(row.attempts)

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Payment) -> SafeString:
        return lives.life(PAYMENT, row.pk, PaymentState)

    @admin.action(description=said("Ask the provider about held ones", "向渠道核查冻结的支付"))
    def ask_provider(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        held = queryset.filter(state=PaymentState.QUARANTINED)
        self.carry_out(request, held, lambda row: capturing.inspect(row.pk, now=timezone.now()))


@admin.register(Refund)
class RefundPage(ReadPage):
    """Money on its way back."""

    rows = staticmethod(console.refunds_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.MONEY, 20, "currency_exchange"
    called = (said("refund", "退款单"), said("refunds", "退款"))
    states = RefundState
    colours = {
        RefundState.REQUESTED: figures.AMBER,
        RefundState.SUCCEEDED: figures.GREEN,
        RefundState.PARKED: figures.RED,
    }
    list_display = ("requested", "order_number", "why", "standing", "amount", "done")
    list_filter = (
        filters.by_code("state", RefundState, said("State", "状态")),
        filters.by_code("reason", RefundReason, said("Why", "原因")),
        filters.by_days("requested_at", said("Requested", "申请时间")),
    )
    search_fields = ("payment__order__number__startswith",)
    search_help_text = said("Order number", "订单号")
    fields = (
        "id_outside",
        "order_link",
        "why",
        "standing",
        "amount",
        "requested",
        "done",
        "tried",
        "trouble",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("send_again",)

    def name_of(self, row: Refund) -> str:
        """Name the refund by its order."""
        return f"{row.payment.order.number} {figures.yuan(row.amount_fen)}"

    def acts_on(self, row: Refund) -> list[str]:
        """Only what is parked waits for a person."""
        return ["send_again"] if row.state == RefundState.PARKED else []

    @admin.display(description="ID")
    def id_outside(self, row: Refund) -> str:
        return str(row.reference)

    @admin.display(description=said("Order", "订单号"))
    def order_number(self, row: Refund) -> str:
        return row.payment.order.number

    @admin.display(description=said("Order", "订单号"))
    def order_link(self, row: Refund) -> SafeString:
        return _order_link(row.payment.order)

    @admin.display(description=said("Why", "原因"), ordering="reason")
    def why(self, row: Refund) -> str:
        return figures.label(RefundReason, row.reason)

    @admin.display(description=said("Amount", "金额"), ordering="amount_fen")
    def amount(self, row: Refund) -> str:
        return figures.yuan(row.amount_fen)

    @admin.display(description=said("Requested", "申请时间"), ordering="requested_at")
    def requested(self, row: Refund) -> str:
        return figures.local_time(row.requested_at)

    @admin.display(description=said("Refunded", "退款时间"))
    def done(self, row: Refund) -> str:
        return figures.local_time(row.refunded_at)

    @admin.display(description=said("Times tried", "尝试次数"))
    def tried(self, row: Refund) -> str:
        return str(row.attempts)

    @admin.display(description=said("Last trouble", "最近错误"))
    def trouble(self, row: Refund) -> str:
        return row.last_error or figures.NOTHING

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Refund) -> SafeString:
        return lives.life(REFUND, row.pk, RefundState)

    @admin.action(description=said("Send parked ones again", "重新发起搁置的退款"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        actor = self.actor(request)
        self.carry_out(
            request, queryset, lambda row: refunding.rerun(row.pk, actor=actor, now=timezone.now())
        )


@admin.display(description=said("Payments", "支付"))
def payments_of(order: Order) -> SafeString:
    """Draw every attempt to pay an order, on the order's own page."""
    headings = (
        chosen("Payment", "支付单"),
        chosen("Provider", "渠道"),
        chosen("State", "状态"),
        chosen("Asked", "应收"),
        chosen("Taken", "实收"),
        chosen("Given back", "已退"),
    )
    rows = [
        (
            figures.link(
                reverse("admin:payments_payment_change", args=[one.pk]),
                figures.local_time(one.created_at),
            ),
            one.provider,
            figures.label(PaymentState, one.state),
            figures.yuan(one.amount_fen),
            figures.yuan(one.captured_fen),
            figures.yuan(one.refunded_fen),
        )
        for one in console.of_order(order.pk)
    ]
    return figures.table(headings, rows, figures={3, 4, 5})


# An order knows nothing of payments; the room that does adds them to its page.
OrderPage.panels = (*OrderPage.panels, payments_of)


def _order_link(order: Order) -> SafeString:
    return figures.link(reverse("admin:placement_order_change", args=[order.pk]), order.number)
