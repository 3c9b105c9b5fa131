"""The books balance, entry by entry."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("ledger.entries_sum_to_zero")
def entries_sum_to_zero() -> Iterable[Finding]:
    """Check the sum of every entry."""
    return found(
        """
        SELECT entry.kind, entry.reference, sum(posting.amount_fen) AS rest
        FROM ledger_posting AS posting JOIN ledger_entry AS entry ON entry.id = posting.entry_id
        GROUP BY entry.id HAVING sum(posting.amount_fen) <> 0 ORDER BY entry.id
        """,
        "{kind} {reference}",
        "off by {rest} fen",
    )


@invariant("ledger.entries_have_postings")
def entries_have_postings() -> Iterable[Finding]:
    """Check that no entry is empty."""
    return found(
        """
        SELECT kind, reference FROM ledger_entry AS entry
        WHERE NOT EXISTS (SELECT FROM ledger_posting WHERE entry_id = entry.id) ORDER BY id
        """,
        "{kind} {reference}",
        "has no postings",
    )
