"""The lives of a batch and of a coupon. What is not written here cannot happen."""

from django.db import models

from core.http.enums import offered
from core.states import Machine


@offered
class BatchState(models.TextChoices):
    """Where a batch of coupons stands."""

    DRAFT = "DRAFT", "Draft|草稿"
    REVIEW = "REVIEW", "In review|审核中"
    ACTIVE = "ACTIVE", "Running|进行中"
    PAUSED = "PAUSED", "Paused|已暂停"
    ENDED = "ENDED", "Ended|已结束"
    CLOSED = "CLOSED", "Closed|已关闭"
    REJECTED = "REJECTED", "Rejected|已驳回"


@offered
class CouponState(models.TextChoices):
    """Where somebody's coupon stands."""

    UNUSED = "UNUSED", "Ready to use|未使用"
    LOCKED = "LOCKED", "In an unpaid order|已锁定"
    USED = "USED", "Used|已使用"
    EXPIRED = "EXPIRED", "Expired|已过期"
    VOIDED = "VOIDED", "Voided|已作废"


@offered
class CodeRunState(models.TextChoices):
    """How far the codes of a batch are made."""

    WRITING = "WRITING", "Being made|生成中"
    STOPPED = "STOPPED", "Stopped|已停止"
    WRITTEN = "WRITTEN", "Made|已生成"


BATCH_LIFE = Machine(
    "coupon_batch",
    {
        (BatchState.DRAFT, "submit"): BatchState.REVIEW,
        (BatchState.REVIEW, "approve"): BatchState.ACTIVE,
        (BatchState.REVIEW, "reject"): BatchState.REJECTED,
        (BatchState.ACTIVE, "pause"): BatchState.PAUSED,
        (BatchState.PAUSED, "resume"): BatchState.ACTIVE,
        (BatchState.ACTIVE, "end"): BatchState.ENDED,
        (BatchState.PAUSED, "end"): BatchState.ENDED,
        (BatchState.ENDED, "close"): BatchState.CLOSED,
        (BatchState.ACTIVE, "void"): BatchState.CLOSED,
        (BatchState.PAUSED, "void"): BatchState.CLOSED,
        (BatchState.ENDED, "void"): BatchState.CLOSED,
        (BatchState.CLOSED, "void"): BatchState.CLOSED,
        # A change of what it promises is a step that leads nowhere, so that it stands in the log.
        (BatchState.DRAFT, "edit"): BatchState.DRAFT,
        (BatchState.REVIEW, "edit"): BatchState.REVIEW,
        (BatchState.ACTIVE, "edit"): BatchState.ACTIVE,
        (BatchState.PAUSED, "edit"): BatchState.PAUSED,
    },
)

COUPON_LIFE = Machine(
    "user_coupon",
    {
        (CouponState.UNUSED, "lock"): CouponState.LOCKED,
        (CouponState.LOCKED, "unlock"): CouponState.UNUSED,
        (CouponState.LOCKED, "redeem"): CouponState.USED,
        (CouponState.USED, "give_back"): CouponState.UNUSED,
        (CouponState.USED, "lapse"): CouponState.EXPIRED,
        (CouponState.UNUSED, "expire"): CouponState.EXPIRED,
        (CouponState.UNUSED, "void"): CouponState.VOIDED,
        (CouponState.LOCKED, "void"): CouponState.VOIDED,
    },
)

CODE_RUN_LIFE = Machine(
    "code_run",
    {
        (CodeRunState.WRITING, "stop"): CodeRunState.STOPPED,
        (CodeRunState.STOPPED, "resume"): CodeRunState.WRITING,
        (CodeRunState.WRITING, "finish"): CodeRunState.WRITTEN,
        (CodeRunState.WRITTEN, "extend"): CodeRunState.WRITING,
    },
)

# A batch that shops may still join, and one whose numbers may still grow.
OPEN_TO_SHOPS = (BatchState.DRAFT, BatchState.REVIEW, BatchState.ACTIVE, BatchState.PAUSED)
GROWING = (BatchState.DRAFT, BatchState.REVIEW, BatchState.ACTIVE, BatchState.PAUSED)
# A coupon whose money nobody has earned yet.
UNSPENT = (CouponState.UNUSED, CouponState.LOCKED)
# A batch that codes may be made for.
CODED = (BatchState.REVIEW, BatchState.ACTIVE, BatchState.PAUSED)
