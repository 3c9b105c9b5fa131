"""Coupon budgets and batches in the console, with live figures as bars."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.console import figures
from core.console.fields import PercentField, YuanField
from core.console.pages import ReadPage
from core.money import BASIS_POINTS
from core.transactions import entry
from marketplace.campaigns.domain.drafts import Draft, WantedFunding, WantedScope
from marketplace.campaigns.domain.kinds import BUDGETED, CouponKind, Funder, Issuer
from marketplace.campaigns.domain.states import BatchState
from marketplace.campaigns.models import CouponBatch, CouponBudget
from marketplace.campaigns.selectors import console
from marketplace.campaigns.services import batches, budgets, deciding, wrongs


class ReasonForm(ActionForm):
    """Why somebody decides so; it is kept in the log of the batch."""

    reason = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "原因 Reason"}),
    )


class BudgetForm(forms.ModelForm):
    """Money for coupons, typed in yuan; once open it can only be raised."""

    total = YuanField(label="Total")

    class Meta:
        model = CouponBudget
        fields = ("name", "funder", "organisation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present_fen = getattr(self.instance, "total_fen", 0)
        if self.present_fen:
            self.fields["total"].initial = self.present_fen
        if "funder" in self.fields:
            payers = [(funder.value, figures.label(Funder, funder)) for funder in BUDGETED]
            self.fields["funder"] = forms.ChoiceField(
                choices=payers, widget=UnfoldAdminSelectWidget(choices=payers)
            )

    def clean_total(self) -> int:
        """Refuse a total that would shrink."""
        total_fen = int(self.cleaned_data["total"])
        if total_fen < self.present_fen:
            raise forms.ValidationError("只能增加。This can only grow.")
        return total_fen


@admin.register(CouponBudget)
class BudgetPage(ReadPage):
    """Budgets and what became of their money."""

    rows = staticmethod(console.budgets_for)
    form = BudgetForm
    list_display = ("name", "payer", "organisation", "total", "money")
    list_filter = ("funder",)
    search_fields = ("name", "organisation")
    ordering = ("-opened_at", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return console.is_manager(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return console.is_manager(request.user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        asked = ("name", "funder", "organisation", "total")
        return asked if obj is None else ("name", "payer", "organisation", "money", "total")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return () if obj is None else ("name", "payer", "organisation", "money")

    def save_model(self, request: HttpRequest, obj: CouponBudget, form: Any, change: Any) -> None:
        total_fen = form.cleaned_data["total"]
        if not change:
            opened = budgets.open_budget(
                name=obj.name,
                funder=obj.funder,
                organisation=obj.organisation,
                total_fen=total_fen,
                actor=self.actor(request),
                now=timezone.now(),
            )
            obj.pk = opened.pk
        elif total_fen > form.present_fen:
            budgets.raise_total(obj.reference, total_fen=total_fen)

    @admin.display(description="Funder", ordering="funder")
    def payer(self, row: CouponBudget) -> str:
        return figures.label(Funder, row.funder)

    @admin.display(description="Total")
    def total(self, row: Any) -> str:
        return figures.yuan(row.total_fen)

    @admin.display(description="Spent, reserved, available")
    def money(self, row: Any) -> SafeString:
        free_fen = row.total_fen - row.reserved_fen - row.spent_fen
        amounts = (row.spent_fen, row.reserved_fen, free_fen)
        return figures.bar(
            [(row.spent_fen, figures.GREEN), (row.reserved_fen, figures.AMBER)],
            row.total_fen,
            " · ".join(figures.yuan(fen) for fen in amounts),
        )


_AS_STORED = (
    *("name", "kind", "threshold_pieces", "per_user_limit", "claim_from", "claim_until"),
    *("use_from", "use_until", "days_after_claim"),
)


class BatchForm(forms.ModelForm):
    """A platform's batch: money in yuan, shares in percent; what no budget bears, shops bear."""

    threshold = YuanField(label="From", required=False)
    amount = YuanField(label="Money off", required=False)
    discount = PercentField(label="Percent off", required=False)
    cap = YuanField(label="At most", required=False)
    quantity = forms.IntegerField(min_value=1, widget=UnfoldAdminTextInputWidget())
    budget = forms.ModelChoiceField(
        CouponBudget.objects.all(), required=False, widget=UnfoldAdminSelectWidget()
    )
    budget_share = PercentField(label="The budget bears", required=False, allow_zero=True)
    sections = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())
    regions = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())
    programmes = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())
    categories = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())

    class Meta:
        model = CouponBatch
        fields = _AS_STORED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("threshold_pieces", "use_from", "use_until", "days_after_claim"):
            self.fields[name].required = False
        for name in ("sections", "regions", "programmes", "categories"):
            self.fields[name].help_text = "逗号分隔，留空不限。Separated by commas; empty is all."
        kinds = [(kind.value, figures.label(CouponKind, kind)) for kind in CouponKind]
        self.fields["kind"] = forms.ChoiceField(
            choices=kinds, widget=UnfoldAdminSelectWidget(choices=kinds)
        )

    def clean(self) -> dict[str, Any]:
        """Judge the batch by the same rules as the interface does."""
        if not self.errors:
            for fault in wrongs.refusal_of(batches.judge(self.draft())).faults:
                self.add_error(None, f"{fault.pointer.strip('/')}: {fault.detail}")
        return self.cleaned_data

    def draft(self) -> Draft:
        """Return what was typed as a draft."""
        said = self.cleaned_data
        own = {name: said[name] for name in _AS_STORED}
        return Draft(
            **own,
            issuer=Issuer.PLATFORM,
            quantity=said["quantity"],
            threshold_fen=said["threshold"],
            amount_fen=said["amount"],
            discount_bp=said["discount"],
            max_discount_fen=said["cap"],
            funding=self._funding(said["budget"], said["budget_share"] or 0),
            scope=WantedScope(
                sections=_words(said["sections"]),
                regions=_words(said["regions"]),
                programmes=_words(said["programmes"]),
                categories=_words(said["categories"]),
            ),
        )

    def _funding(self, budget: CouponBudget | None, bp: int) -> tuple[WantedFunding, ...]:
        parts = [WantedFunding(Funder.SHOP, BASIS_POINTS - bp)] if bp < BASIS_POINTS else []
        if bp:
            # Without a budget the rules refuse it as they refuse anybody.
            funder, reference = Funder.PLATFORM.value, None
            if budget is not None:
                funder, reference = budget.funder, budget.reference
            parts.insert(0, WantedFunding(funder, bp, reference))
        return tuple(parts)


@admin.register(CouponBatch)
class BatchPage(ReadPage):
    """Batches, how far they have come, and every step of their lives."""

    rows = staticmethod(console.batches_for)
    states = BatchState
    form = BatchForm
    action_form = ReasonForm
    list_display = ("name", "issued_by", "takes_off", "standing", "pieces", "claims", "uses")
    list_filter = ("state", "issuer", "kind")
    search_fields = ("name",)
    ordering = ("-created_at", "-pk")
    actions = deciding.ACTIONS
    asked = (
        ("name", "kind"),
        ("threshold", "threshold_pieces", "amount", "discount", "cap"),
        ("quantity", "per_user_limit"),
        ("claim_from", "claim_until"),
        ("use_from", "use_until", "days_after_claim"),
        ("budget", "budget_share"),
        ("sections", "regions", "programmes", "categories"),
    )
    told = ("name", "issued_by", "takes_off", "standing", "pieces", "claims", "uses", "paid_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return console.is_manager(request.user)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # A batch that is there is only read here.
        if obj is not None:
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return self.asked if obj is None else self.told

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return () if obj is None else self.told

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Offer every step of the life; the service says which of them can be taken."""
        return {action: (_step, action, action.capitalize()) for action in deciding.ACTIONS}

    def save_model(self, request: HttpRequest, obj: CouponBatch, form: Any, change: Any) -> None:  # noqa: ARG002
        drafted = batches.draft(form.draft(), actor=self.actor(request), now=timezone.now())
        obj.pk = drafted.pk

    @admin.display(description="Issuer", ordering="issuer")
    def issued_by(self, row: CouponBatch) -> str:
        return row.issuer_shop.name if row.issuer_shop else figures.label(Issuer, row.issuer)

    @admin.display(description="Takes off")
    def takes_off(self, row: CouponBatch) -> str:
        words = [figures.label(CouponKind, row.kind)]
        if row.threshold_fen or row.threshold_pieces:
            yuan = figures.yuan(row.threshold_fen or 0)
            words.append(f"≥ {yuan if row.threshold_fen else f'{row.threshold_pieces} 件'}")
        if row.discount_bp:
            words += [figures.percent(row.discount_bp), "≤"]
        return " ".join([*words, figures.yuan(row.amount_fen or row.max_discount_fen or 0)])

    @admin.display(description="Used, claimed of all")
    def pieces(self, row: Any) -> SafeString:
        return figures.bar(
            [(row.used, figures.GREEN), (row.claimed - row.used, figures.AMBER)],
            row.quantity,
            f"{row.used:,} · {row.claimed:,} / {row.quantity:,}",
        )

    @admin.display(description="Claims", ordering="claim_until")
    def claims(self, row: CouponBatch) -> str:
        return f"{figures.local_time(row.claim_from)} - {figures.local_time(row.claim_until)}"

    @admin.display(description="Use")
    def uses(self, row: CouponBatch) -> str:
        days = f"{row.days_after_claim} × 24 h" if row.days_after_claim else ""
        ends = figures.local_time(row.use_until) if row.use_until else ""
        return " · ".join(part for part in (days, ends) if part)

    @admin.display(description="Paid by")
    def paid_by(self, row: CouponBatch) -> str:
        return " · ".join(
            f"{figures.label(Funder, part.funder)} {figures.percent(part.bp)}"
            for part in row.funding.all()
        )


def _step(page: BatchPage, request: HttpRequest, chosen: QuerySet[CouponBatch]) -> None:
    actor, now, action = page.actor(request), timezone.now(), request.POST["action"]
    reason = request.POST.get("reason", "")[:200]
    page.carry_out(
        request,
        chosen,
        lambda row: entry(deciding.decide)(
            row.reference, action, actor=actor, now=now, reason=reason
        ),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("，", ",").split(",") if word.strip())
