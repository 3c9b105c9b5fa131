"""What of a batch may still be changed: a draft in every way, afterwards only more and later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import advance_one
from core.errors import DomainError, NotFound
from core.quotas.selectors import availability
from core.transactions import needs_transaction
from marketplace.coupons.domain.drafts import Wrong
from marketplace.coupons.domain.states import BATCH_LIFE, GROWING, BatchState
from marketplace.coupons.models import CouponBatch
from marketplace.coupons.selectors import drafted
from marketplace.coupons.services import approving, batches, wrongs
from shops.storefronts.models import Shop

GROWS = frozenset({"quantity", "claim_until", "use_until"})


class BatchFixed(DomainError):
    """Once submitted, a batch can only be given more pieces and later ends."""

    code = "BATCH_FIXED"
    zh = "批次提交后只能增加数量或延后截止时间，其他内容不能再修改。"


@needs_transaction
def edit(
    reference: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    issuer_shop: Shop | None = None,
) -> CouponBatch:
    """Change a batch; `changes` are fields of a `Draft`. Claimed coupons keep their own end.

    Raises:
        NotFound: there is no such batch, or it is not this shop's.
        BatchFixed: it is no draft any more and something else than growth is asked, or it is over.
        InvalidInput: a rule would be broken, or something would shrink or come earlier.
        BatchAboveApproved: it would be worth more than anybody has approved.
    """
    rows = CouponBatch.objects.select_for_update(of=("self",), no_key=True)
    if issuer_shop is not None:
        rows = rows.filter(issuer_shop=issuer_shop)
    batch = rows.filter(reference=reference).first()  # The reference is unique.
    if batch is None:
        raise NotFound(subject="coupon_batch")
    before = drafted.draft_of(batch)
    if batch.state == BatchState.DRAFT:
        batches.redraft(batch, replace(before, **changes))
    else:
        _grow(batch, changes, actor)
    # Whoever changes it afterwards has nothing to do with who drafted what was approved.
    changed = [name for name in sorted(changes) if changes[name] != getattr(before, name)]
    author = {"edited_by_id": actor.user_id} if batch.approved_at is None else {}
    advance_one(
        CouponBatch.objects.filter(pk=batch.pk),
        BATCH_LIFE,
        "edit",
        actor=actor,
        now=now,
        reason=", ".join(changed),
        **author,
    )
    return CouponBatch.objects.get(pk=batch.pk)


def _grow(batch: CouponBatch, changes: Mapping[str, Any], actor: Actor) -> None:
    fixed = sorted(changes.keys() - GROWS)
    if fixed or batch.state not in GROWING:
        raise BatchFixed(fields=fixed, state=batch.state)
    broken = _shrinks(batch, changes)
    if broken:
        raise wrongs.refusal_of(broken)
    if "quantity" in changes:
        approving.insist_on_approval(batch, changes["quantity"], actor=actor)
        batches.change_quantity(batch.quota_id, changes["quantity"])
    ends = {name: changes[name] for name in ("claim_until", "use_until") if name in changes}
    if ends:
        CouponBatch.objects.filter(pk=batch.pk).update(**ends)


def _shrinks(batch: CouponBatch, changes: Mapping[str, Any]) -> list[Wrong]:
    broken = []
    present = availability.figures([batch.quota_id])[batch.quota_id].total
    if changes.get("quantity", present) < present:
        broken.append(Wrong("/quantity", "ONLY_UPWARDS"))
    for name in ("claim_until", "use_until"):
        before, after = getattr(batch, name), changes.get(name, getattr(batch, name))
        # An open end is the latest of all: it cannot be brought forward, nor taken back.
        if after != before and (before is None or after is None or after < before):
            broken.append(Wrong(f"/{name}", "ONLY_LATER"))
    claims_end = changes.get("claim_until", batch.claim_until)
    use_ends = changes.get("use_until", batch.use_until)
    if use_ends is not None and use_ends < claims_end:
        broken.append(Wrong("/use_until", "USE_ENDS_BEFORE_CLAIMS"))
    return broken
