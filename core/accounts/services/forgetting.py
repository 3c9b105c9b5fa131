"""What is deleted once its time is over, a bounded number of rows at a time."""

from datetime import datetime, timedelta

from core.accounts.models import CodeDay, PhoneCode, Session, Token
from core.periods import local_day
from core.transactions import entry

CODES_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
DAYS_KEPT = timedelta(days=90)


@entry
def forget_codes(*, now: datetime, limit: int = 5_000) -> int:
    """Delete codes a day after they were sent, and the daily counts after three months."""
    CodeDay.objects.filter(day__lt=local_day(now) - DAYS_KEPT).delete()
    old = PhoneCode.objects.filter(sent_at__lt=now - CODES_KEPT).order_by("sent_at")[:limit]
    return PhoneCode.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


@entry
def forget_sessions(*, now: datetime, limit: int = 5_000) -> int:
    """Delete tokens that have run out, and sessions a month after they ended."""
    run_out = Token.objects.filter(expires_at__lt=now).order_by("expires_at")[:limit]
    tokens = Token.objects.filter(pk__in=list(run_out.values_list("pk", flat=True)))
    # Only the rows themselves: nothing hangs below a token.
    deleted = tokens.delete()[0]
    ended = Session.objects.filter(expires_at__lt=now - SESSIONS_KEPT).order_by("expires_at")
    sessions = Session.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:limit]))
    return deleted + sessions.delete()[0]
