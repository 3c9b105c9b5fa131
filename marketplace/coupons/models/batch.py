"""A batch of coupons: what they take off, on what, when, and who pays."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.money import BASIS_POINTS
from core.quotas.models import Quota
from marketplace.coupons.domain.kinds import (
    GRACE_HOURS_MAX,
    CommitMode,
    CouponKind,
    Funder,
    Issuer,
    ScopeBy,
)
from marketplace.coupons.domain.states import BatchState
from marketplace.coupons.models.budget import CouponBudget

_UNTOUCHED = (BatchState.DRAFT,)
_UNDECIDED = (BatchState.DRAFT, BatchState.REVIEW, BatchState.REJECTED)
_OVER = (BatchState.ENDED, BatchState.CLOSED)


class CouponBatch(models.Model):
    """Coupons of one kind, handed out until the pieces, the money or the time run out."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    issuer = models.CharField(max_length=10, choices=Issuer.choices)
    issuer_shop = models.ForeignKey(
        "storefronts.Shop", null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=CouponKind.choices)
    commit_mode = models.CharField(max_length=10, choices=CommitMode.choices)
    threshold_fen = models.BigIntegerField(null=True)
    threshold_pieces = models.IntegerField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    discount_bp = models.IntegerField(null=True)
    max_discount_fen = models.BigIntegerField(null=True)
    quota = models.OneToOneField(Quota, on_delete=models.PROTECT, related_name="+")
    per_user_limit = models.IntegerField()
    claim_from = models.DateTimeField()
    claim_until = models.DateTimeField()
    use_from = models.DateTimeField(null=True)
    use_until = models.DateTimeField(null=True)
    days_after_claim = models.IntegerField(null=True)
    allow_on_activity_price = models.BooleanField(default=False)
    # Handed out by codes alone; nobody claims it openly.
    by_code = models.BooleanField(default=False)
    # How long a coupon may still be used that comes back after its window.
    grace_hours_on_return = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    # Who last changed it before it was approved.
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    # The most that the pieces of that moment could cost, and whether two people had to look.
    approved_worst_fen = models.BigIntegerField(null=True)
    needs_second_officer = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    # From then on no coupon of it counts, however far the sweep that frees their money is.
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coupons_couponbatch_shop_issues_its_own",
                condition=Q(issuer=Issuer.SHOP, issuer_shop__isnull=False)
                | Q(issuer=Issuer.PLATFORM, issuer_shop__isnull=True),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_terms_fit_the_kind",
                condition=Q(
                    Q(threshold_fen__isnull=True) ^ Q(threshold_pieces__isnull=True),
                    kind=CouponKind.FULL_REDUCTION,
                    amount_fen__isnull=False,
                    discount_bp__isnull=True,
                    max_discount_fen__isnull=True,
                )
                | Q(
                    kind=CouponKind.DIRECT,
                    amount_fen__isnull=False,
                    threshold_fen__isnull=True,
                    threshold_pieces__isnull=True,
                    discount_bp__isnull=True,
                    max_discount_fen__isnull=True,
                )
                | Q(
                    Q(threshold_fen__isnull=True) | Q(threshold_pieces__isnull=True),
                    kind=CouponKind.DISCOUNT,
                    amount_fen__isnull=True,
                    discount_bp__isnull=False,
                    max_discount_fen__isnull=False,
                )
                | Q(
                    Q(threshold_fen__isnull=True) | Q(threshold_pieces__isnull=True),
                    kind__in=(CouponKind.FREIGHT, CouponKind.NEW_USER),
                    amount_fen__isnull=False,
                    discount_bp__isnull=True,
                    max_discount_fen__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_figures_are_positive",
                condition=Q(
                    Q(threshold_fen__isnull=True) | Q(threshold_fen__gt=0),
                    Q(threshold_pieces__isnull=True) | Q(threshold_pieces__gt=0),
                    Q(amount_fen__isnull=True) | Q(amount_fen__gt=0),
                    Q(discount_bp__isnull=True)
                    | Q(discount_bp__gt=0, discount_bp__lte=BASIS_POINTS),
                    Q(max_discount_fen__isnull=True) | Q(max_discount_fen__gt=0),
                    Q(days_after_claim__isnull=True) | Q(days_after_claim__gt=0),
                    per_user_limit__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_commits_at_a_known_time",
                condition=Q(commit_mode__in=CommitMode.values),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_voided_is_closed",
                condition=Q(voided_at__isnull=True) | Q(state=BatchState.CLOSED),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_grace_is_a_week_at_most",
                condition=Q(
                    grace_hours_on_return__gte=0, grace_hours_on_return__lte=GRACE_HOURS_MAX
                ),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_codes_are_of_the_platform",
                condition=Q(by_code=False) | Q(issuer=Issuer.PLATFORM),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_claim_window_is_forward",
                condition=Q(claim_from__lt=F("claim_until")),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_use_window_is_forward",
                condition=Q(use_from__isnull=True)
                | Q(use_until__isnull=True)
                | Q(use_from__lt=F("use_until")),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_use_never_ends_before_claims",
                condition=Q(use_until__isnull=True) | Q(use_until__gte=F("claim_until")),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_coupons_always_end",
                condition=Q(use_until__isnull=False) | Q(days_after_claim__isnull=False),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_submitted_unless_draft",
                condition=Q(state__in=_UNTOUCHED, submitted_at__isnull=True)
                | (~Q(state__in=_UNTOUCHED) & Q(submitted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_approved_before_it_runs",
                condition=Q(state__in=_UNDECIDED, approved_at__isnull=True)
                | (~Q(state__in=_UNDECIDED) & Q(approved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_large_ones_are_seen_by_two",
                condition=Q(needs_second_officer=False)
                | (
                    Q(approved_by__isnull=False, approved_worst_fen__isnull=False)
                    & (Q(created_by=None) | ~Q(approved_by=F("created_by")))
                    & (Q(edited_by=None) | ~Q(approved_by=F("edited_by")))
                ),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_who_approved_is_dated",
                condition=Q(approved_at__isnull=False)
                | Q(approved_by=None, approved_worst_fen=None, needs_second_officer=False),
            ),
            models.CheckConstraint(
                name="coupons_couponbatch_end_is_dated",
                condition=Q(state__in=_OVER, ended_at__isnull=False)
                | (~Q(state__in=_OVER) & Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="coupons_couponbatch_newest"),
            models.Index(
                fields=["id"],
                condition=Q(voided_at__isnull=False),
                name="coupons_couponbatch_voided",
            ),
            models.Index(
                fields=["claim_until", "id"],
                condition=Q(state=BatchState.ACTIVE),
                name="coupons_couponbatch_running",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchFunding(models.Model):
    """Who bears which share of every discount of a batch; the shares are always the whole."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.CASCADE, related_name="funding", db_index=False
    )
    funder = models.CharField(max_length=12, choices=Funder.choices)
    bp = models.IntegerField()
    budget = models.ForeignKey(
        CouponBudget, null=True, on_delete=models.PROTECT, related_name="funds"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_batchfunding_funder_once", fields=["batch", "funder"]
            ),
            models.CheckConstraint(
                name="coupons_batchfunding_is_a_share",
                condition=Q(bp__gt=0, bp__lte=BASIS_POINTS),
            ),
            models.CheckConstraint(
                name="coupons_batchfunding_all_but_shops_have_a_budget",
                condition=Q(funder=Funder.SHOP, budget__isnull=True)
                | (~Q(funder=Funder.SHOP) & Q(budget__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder} {self.bp} bp"


SCOPE_COLUMNS = {
    ScopeBy.SECTION: "section",
    ScopeBy.REGION: "region",
    ScopeBy.PROGRAMME: "programme",
    ScopeBy.CATEGORY: "category",
    ScopeBy.PRODUCT: "product",
    ScopeBy.SHOP: "shop",
}
_TEXT_COLUMNS = ("region", "programme")


def _names_only(by: ScopeBy) -> Q:
    condition = Q(by=by)
    for dimension, column in SCOPE_COLUMNS.items():
        if column in _TEXT_COLUMNS:
            is_empty = Q(**{column: ""})
        else:
            is_empty = Q(**{f"{column}__isnull": True})
        condition &= ~is_empty if dimension == by else is_empty
    return condition


def _names_one_thing() -> Q:
    condition = Q()
    for by in ScopeBy:
        condition |= _names_only(by)
    return condition


class BatchScope(models.Model):
    """One thing that a batch is limited to: a section, an origin, a category, a shop."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.CASCADE, related_name="scope", db_index=False
    )
    by = models.CharField(max_length=10, choices=ScopeBy.choices)
    section = models.ForeignKey(
        "sections.Section", null=True, on_delete=models.PROTECT, related_name="+"
    )
    region = models.CharField(max_length=6, default="", blank=True)
    programme = models.CharField(max_length=50, default="", blank=True)
    category = models.ForeignKey(
        "catalogue.Category", null=True, on_delete=models.PROTECT, related_name="+"
    )
    product = models.ForeignKey(
        "catalogue.Product", null=True, on_delete=models.PROTECT, related_name="+"
    )
    shop = models.ForeignKey(
        "storefronts.Shop", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coupons_batchscope_never_twice",
                fields=["batch", "by", *SCOPE_COLUMNS.values()],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="coupons_batchscope_names_one_thing", condition=_names_one_thing()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} of batch {self.batch_id}"


class BatchShop(models.Model):
    """A shop that bears the SHOP part of a batch on its own lines."""

    batch = models.ForeignKey(
        CouponBatch, on_delete=models.CASCADE, related_name="shops", db_index=False
    )
    shop = models.ForeignKey("storefronts.Shop", on_delete=models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="coupons_batchshop_once", fields=["batch", "shop"]),
        ]

    def __str__(self) -> str:
        return f"shop {self.shop_id} accepted batch {self.batch_id}"
