"""Making the codes of a batch: a long work in small pieces, to be stopped and gone on with."""

import base64
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from core.accounts.sealing import blind_index
from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import DomainError, NotFound
from core.quotas.selectors import availability
from core.transactions import entry, needs_transaction
from marketplace.coupons.domain import codes
from marketplace.coupons.domain.states import CODE_RUN_LIFE, CODED, CodeRunState
from marketplace.coupons.models import CodeRun, CouponBatch
from marketplace.coupons.selectors.codes import secret_of

log = structlog.get_logger("market.coupons")

# What one transaction writes, and how many of them one ring of the clock may make.
AT_ONCE_MAX = 2_000
TURNS_MAX = 60
SECRET_BYTES = 32
ACTIONS = ("stop", "resume")


class CodesNotWanted(DomainError):
    """This batch is not handed out by codes, or no codes can be made for it now."""

    code = "CODES_NOT_WANTED"
    zh = "该批次不使用兑换码，或当前不能生成兑换码。"


def digest_of(code: str) -> str:
    """Return what is kept of a code."""
    return blind_index("coupon code", code)


@needs_transaction
def start(batch_reference: UUID, *, actor: Actor, now: datetime) -> CodeRun:
    """Have as many codes made as the batch has pieces; a larger batch is extended.

    Asked again, it changes nothing.

    Raises:
        NotFound: there is no such batch.
        CodesNotWanted: it is not handed out by codes, is still a draft, or is over.
    """
    batch = _locked_batch(batch_reference)
    if not batch.by_code or batch.state not in CODED:
        raise CodesNotWanted(by_code=batch.by_code, state=batch.state)
    wanted = availability.figures([batch.quota_id])[batch.quota_id].total
    run = CodeRun.objects.filter(batch=batch).first()  # One for each batch.
    if run is None:
        return _begin(batch, wanted, actor, now)
    if run.wanted < wanted:
        # Whoever is writing a piece of it is waited for here.
        advance(
            CodeRun.objects.filter(pk=run.pk),
            CODE_RUN_LIFE,
            "extend",
            actor=actor,
            now=now,
            written_at=None,
        )
        CodeRun.objects.filter(pk=run.pk).update(wanted=wanted)
    return CodeRun.objects.get(pk=run.pk)


@needs_transaction
def decide(
    batch_reference: UUID, action: str, *, actor: Actor, now: datetime, reason: str = ""
) -> CodeRun:
    """Stop the making of codes, or go on with it; what is made stays valid.

    Raises:
        NotFound: there is no such batch, or nobody has its codes made.
        IllegalTransition: it does not stand where the action can start.
    """
    rows = CodeRun.objects.filter(batch__reference=batch_reference)
    if not rows.exists():
        raise NotFound(subject="code_run")
    key = advance_one(rows, CODE_RUN_LIFE, action, actor=actor, now=now, reason=reason)
    return CodeRun.objects.get(pk=key)


def note_export(run: CodeRun, *, actor: Actor, after: int) -> None:
    """Leave a line in the log about who takes the codes of a batch away."""
    log.info("codes_exported", batch=str(run.batch.reference), user=actor.user_id, after=after)


def write_due(now: datetime, turns: int = TURNS_MAX) -> int:
    """Make codes for whoever waits for them, piece by piece; return how many were made."""
    made = 0
    for _ in range(turns):
        piece = write_some(now)
        if piece is None:
            break
        made += piece
    return made


@entry
def write_some(now: datetime, limit: int = AT_ONCE_MAX) -> int | None:
    """Make one piece of the longest waiting run; return how many, None where nobody waits.

    Codes and progress are one transaction: whatever dies in it, the next one begins where it began.
    """
    run = (
        CodeRun.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(state=CodeRunState.WRITING)
        .order_by("started_at", "id")
        .first()
    )
    if run is None:
        return None
    numbers = range(run.next_number, run.next_number + min(limit, run.wanted - run.written))
    made = _insert(run, numbers)
    written = run.written + made
    rows = CodeRun.objects.filter(pk=run.pk)
    rows.update(written=written, next_number=numbers.stop)
    if written == run.wanted:
        advance(rows, CODE_RUN_LIFE, "finish", actor=SYSTEM, now=now, written_at=now)
    return made


def _begin(batch: CouponBatch, wanted: int, actor: Actor, now: datetime) -> CodeRun:
    run = CodeRun.objects.create(
        batch=batch,
        secret=base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
        wanted=wanted,
        started_by_id=actor.user_id,
        started_at=now,
    )
    log_birth(CODE_RUN_LIFE, [run.pk], CodeRunState.WRITING, actor=actor, now=now)
    return run


def _locked_batch(reference: UUID) -> CouponBatch:
    # Two people who ask for codes at once wait for one another here.
    batch = (
        CouponBatch.objects.select_for_update(of=("self",), no_key=True)
        .filter(reference=reference)
        .first()  # The reference is unique.
    )
    if batch is None:
        raise NotFound(subject="coupon_batch")
    return batch


# A number whose code stands already, of whatever batch, is passed over: there are enough numbers.
_INSERT = """
    INSERT INTO coupons_couponcode (batch_id, number, digest)
    SELECT %(batch)s, made.number, made.digest
    FROM unnest(%(numbers)s::integer[], %(digests)s::text[]) AS made (number, digest)
    ON CONFLICT ON CONSTRAINT coupons_couponcode_names_one_batch DO NOTHING
"""


def _insert(run: CodeRun, numbers: range) -> int:
    secret = secret_of(run)
    given: dict[str, Any] = {
        "batch": run.batch_id,
        "numbers": list(numbers),
        "digests": [digest_of(codes.code_of(secret, number)) for number in numbers],
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, given)
        return int(cursor.rowcount)
