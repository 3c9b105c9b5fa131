"""What the ledger says: sums of postings, never a row that somebody updates."""

from django.db.models import Sum

from core.ledger.models import AccountKind, Posting


def balance_of(account: AccountKind, owner: str) -> int:
    """Return the balance of one account in fen: debits positive, credits negative."""
    rows = Posting.objects.filter(account=account, owner=owner)
    return int(rows.aggregate(balance_fen=Sum("amount_fen", default=0))["balance_fen"])


def balances(account: AccountKind) -> dict[str, int]:
    """Return the balance in fen of every owner of a kind of account."""
    rows = Posting.objects.filter(account=account).values("owner").order_by("owner")
    return dict(rows.annotate(balance_fen=Sum("amount_fen")).values_list("owner", "balance_fen"))


def entry_postings(kind: str, reference: str) -> dict[tuple[str, str], int]:
    """Return what an entry moved: `{(account, owner): fen}`; empty if it was never posted."""
    rows = (
        Posting.objects.filter(entry__kind=kind, entry__reference=reference)
        .values("account", "owner")
        .annotate(sum_fen=Sum("amount_fen"))
        .order_by("account", "owner")
    )
    return {(row["account"], row["owner"]): row["sum_fen"] for row in rows}
