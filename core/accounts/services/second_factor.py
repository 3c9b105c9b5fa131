"""The second factor of the console: offered, confirmed, asked for, replaced by paper, removed."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from core.accounts import sealing
from core.accounts.domain import totp
from core.accounts.domain.guarding import FACTOR, FactorState
from core.accounts.models import RecoveryCode, SecondFactor, User
from core.audit.actors import Actor
from core.audit.advancing import advance, log_birth
from core.errors import DomainError
from core.transactions import needs_transaction

RECOVERY_CODES = 10
# Neither 0 nor 1, O nor I nor L: they are copied by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RECOVERY_CHARACTERS = 10


class FactorCodeWrong(DomainError):
    """The code is wrong, has run out, or was used already."""

    code = "FACTOR_CODE_WRONG"
    zh = "动态验证码错误、已过期或已使用。"
    status = 401


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody's second factor is like; `secret` only until it is confirmed."""

    state: str
    secret: bytes
    confirmed_at: datetime | None
    recovery_codes_left: int


def standing_of(user_id: int) -> Standing:
    """Return how far somebody's second factor is; state "" where there is none."""
    factor = _present(user_id).first()
    if factor is None:
        return Standing("", b"", None, 0)
    left = factor.recovery_codes.filter(used_at__isnull=True).count()
    is_offered = factor.state == FactorState.OFFERED
    secret = bytes.fromhex(factor.secret or "") if is_offered else b""
    return Standing(factor.state, secret, factor.confirmed_at, left)


def is_active(user_id: int) -> bool:
    """Tell whether somebody's sign-in needs a code."""
    return _present(user_id).filter(state=FactorState.ACTIVE).exists()


@needs_transaction
def offer(user_id: int, *, actor: Actor, now: datetime) -> None:
    """Make a new secret for somebody to confirm; one that was offered before is abandoned."""
    advance(_present(user_id), FACTOR, "abandon", actor=actor, now=now, secret=None)
    if is_active(user_id):
        return
    factor = SecondFactor.objects.create(
        user_id=user_id,
        state=FactorState.OFFERED,
        secret=secrets.token_bytes(totp.SECRET_BYTES).hex(),
        offered_at=now,
    )
    log_birth(FACTOR, [factor.pk], FactorState.OFFERED, actor=actor, now=now)


@needs_transaction
def confirm(user_id: int, code: str, *, actor: Actor, now: datetime) -> list[str]:
    """Put an offered factor in force by its first code; return the recovery codes, in clear once.

    Whoever else is signed in to the console under this name must sign in again.

    Raises:
        FactorCodeWrong: nothing is offered, or the code is not of its secret.
    """
    factor = _present(user_id).filter(state=FactorState.OFFERED).first()
    step = _step_of(factor, code, now)
    if factor is None or step is None:
        raise FactorCodeWrong
    moved = advance(
        SecondFactor.objects.filter(pk=factor.pk), FACTOR, "confirm", actor=actor, now=now,
        confirmed_at=now, last_step=step,
    )  # fmt: skip
    if not moved:
        raise FactorCodeWrong
    _end_console_sessions(user_id)
    return _new_recovery_codes(factor.pk, user_id)


@needs_transaction
def use(user_id: int, code: str, *, now: datetime) -> bool:
    """Use up a code of the phone, or one on paper; return whether it was good."""
    factor = _present(user_id).filter(state=FactorState.ACTIVE).first()
    if factor is None:
        return False
    step = _step_of(factor, code, now)
    if step is not None:
        return _use_up(SecondFactor.objects.filter(pk=factor.pk), step)
    on_paper = RecoveryCode.objects.filter(factor=factor, digest=_digest_of(user_id, code))
    return on_paper.filter(used_at__isnull=True).update(used_at=now) == 1


@needs_transaction
def renew_recovery_codes(user_id: int) -> list[str]:
    """Return new recovery codes in place of the old ones, in clear once."""
    factor = _present(user_id).filter(state=FactorState.ACTIVE).first()
    return _new_recovery_codes(factor.pk, user_id) if factor else []


@needs_transaction
def remove(user_id: int, *, actor: Actor, now: datetime, reason: str = "") -> bool:
    """Take a second factor away and end its user's console sessions; return if it was there."""
    removed = advance(
        _present(user_id), FACTOR, "remove", actor=actor, now=now, reason=reason, secret=None
    )
    if removed:
        RecoveryCode.objects.filter(factor__in=removed).delete()
        _end_console_sessions(user_id)
    return bool(removed)


def _present(user_id: int) -> QuerySet[SecondFactor]:
    return SecondFactor.objects.filter(user_id=user_id).exclude(state=FactorState.REMOVED)


def _use_up(factor: QuerySet[SecondFactor], step: int) -> bool:
    # A code that somebody saw being typed is worth nothing a second later.
    return factor.filter(last_step__lt=step).update(last_step=step) == 1


def _end_console_sessions(user_id: int) -> None:
    User.objects.filter(pk=user_id).update(console_turn=F("console_turn") + 1)


def _new_recovery_codes(factor_id: int, user_id: int) -> list[str]:
    made = [
        "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_CHARACTERS))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.filter(factor_id=factor_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor_id=factor_id, digest=_digest_of(user_id, code)) for code in made
    )
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _digest_of(user_id: int, code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    return sealing.blind_index("recovery code", f"{user_id} {plain}")


def _step_of(factor: SecondFactor | None, code: str, now: datetime) -> int | None:
    if factor is None or factor.secret is None:
        return None
    return totp.step_of_code(bytes.fromhex(factor.secret), "".join(code.split()), now)
