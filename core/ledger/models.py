"""Entries and their postings."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class AccountKind(models.TextChoices):
    """Whose money a posting speaks of; the owner says which one of them."""

    PROVIDER_CLEARING = "PROVIDER_CLEARING", "Payment provider|支付机构待清算"
    REFUND_CLEARING = "REFUND_CLEARING", "Refunds under way|退款待清算"
    LATE_CLEARING = "LATE_CLEARING", "Late and double payments|逾期及重复付款"
    DEPOSIT_HELD = "DEPOSIT_HELD", "Deposits that are nobody's yet|定金待处理"
    SUBSIDY = "SUBSIDY", "Subsidy of a budget|补贴"
    SHOP_PAYABLE = "SHOP_PAYABLE", "Owed to a shop|应付店铺"
    PLATFORM_REVENUE = "PLATFORM_REVENUE", "Revenue of the platform|平台收入"


class Entry(models.Model):
    """One thing that moved money, once."""

    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ledger_entry_posted_once", fields=["kind", "reference"]),
            models.CheckConstraint(
                name="ledger_entry_names_its_fact", condition=~Q(kind="") & ~Q(reference="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """One side of an entry: a debit is positive, a credit negative."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=20, choices=AccountKind.choices)
    owner = models.CharField(max_length=80, default="")
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ledger_posting_moves_something", condition=~Q(amount_fen=0)
            ),
            models.CheckConstraint(
                name="ledger_posting_account_is_known",
                condition=Q(account__in=AccountKind.values),
            ),
        ]
        indexes = [
            models.Index(
                name="ledger_posting_by_account",
                fields=["account", "owner"],
                include=["amount_fen"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.owner} {self.amount_fen} fen"
