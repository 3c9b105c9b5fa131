"""Payments and refunds in the console: held ones are asked about, parked ones sent again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.console import figures
from core.console.pages import ReadPage
from orders.payments.domain.states import PaymentState, RefundState
from orders.payments.models import Payment, Refund
from orders.payments.selectors import console
from orders.payments.services import capturing, refunding


@admin.register(Payment)
class PaymentPage(ReadPage):
    """Every attempt to pay."""

    rows = staticmethod(console.payments_for)
    states = PaymentState
    list_display = (
        "reference",
        "order_number",
        "provider",
        "standing",
        "verdict",
        "amount",
        "taken",
        "given_back",
        "created",
    )
    list_filter = ("state", "verdict", "provider")
    search_fields = ("order__number",)
    fields = (
        "reference",
        "order_number",
        "provider",
        "standing",
        "verdict",
        "amount",
        "taken",
        "given_back",
        "provider_transaction",
        "created",
        "attempts",
    )
    ordering = ("-created_at", "-pk")
    actions = ("ask_provider",)

    @admin.display(description="Order")
    def order_number(self, row: Payment) -> str:
        return row.order.number

    @admin.display(description="Asked", ordering="amount_fen")
    def amount(self, row: Payment) -> str:
        return figures.yuan(row.amount_fen)

    @admin.display(description="Taken", ordering="captured_fen")
    def taken(self, row: Payment) -> str:
        return figures.yuan(row.captured_fen)

    @admin.display(description="Given back")
    def given_back(self, row: Payment) -> str:
        return figures.yuan(row.refunded_fen)

    @admin.display(description="Created", ordering="created_at")
    def created(self, row: Payment) -> str:
        return figures.local_time(row.created_at)

    @admin.action(description="Ask the provider about held payments")
    def ask_provider(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        held = queryset.filter(state="QUARANTINED")
        self.carry_out(request, held, lambda row: capturing.inspect(row.pk, now=timezone.now()))


@admin.register(Refund)
class RefundPage(ReadPage):
    """Money on its way back."""

    rows = staticmethod(console.refunds_for)
    states = RefundState
    list_display = (
        "reference",
        "order_number",
        "reason",
        "standing",
        "amount",
        "requested",
        "done",
    )
    list_filter = ("state", "reason")
    fields = (
        "reference",
        "order_number",
        "reason",
        "standing",
        "amount",
        "requested",
        "done",
        "attempts",
        "last_error",
    )
    ordering = ("-requested_at", "-pk")
    actions = ("send_again",)

    @admin.display(description="Order")
    def order_number(self, row: Refund) -> str:
        return row.payment.order.number

    @admin.display(description="Amount", ordering="amount_fen")
    def amount(self, row: Refund) -> str:
        return figures.yuan(row.amount_fen)

    @admin.display(description="Requested", ordering="requested_at")
    def requested(self, row: Refund) -> str:
        return figures.local_time(row.requested_at)

    @admin.display(description="Refunded")
    def done(self, row: Refund) -> str:
        return figures.local_time(row.refunded_at)

    @admin.action(description="Send parked refunds again")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        actor = self.actor(request)
        self.carry_out(
            request, queryset, lambda row: refunding.rerun(row.pk, actor=actor, now=timezone.now())
        )
