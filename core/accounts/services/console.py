"""Signing in to the console: by name, password and, where there is one, a second factor."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.contrib.auth import authenticate

from core.accounts.models import User
from core.accounts.services import lockout, second_factor
from core.errors import DomainError
from core.transactions import entry

log = structlog.get_logger("market.console")


class SignInRefused(DomainError):
    """Name, password or code is wrong."""

    code = "CONSOLE_SIGN_IN_REFUSED"
    zh = "用户名、密码或动态验证码错误。"
    status = 401


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who may enter, and whether they showed a second factor."""

    user: User
    has_shown_second_factor: bool


def sign_in(name: str, password: str, code: str, *, remote_address: str, now: datetime) -> SignedIn:
    """Judge somebody at the door; which of the three was wrong is not told.

    Raises:
        SignInRefused: wrong, or nobody who works here.
        lockout.DoorLocked: tried too often.
    """
    tried = _begun(name, remote_address, now)
    user = authenticate(username=name, password=password)
    has_factor = isinstance(user, User) and second_factor.is_active(user.pk)
    if not _is_let_in(user, code, now, has_factor=has_factor) or not isinstance(user, User):
        lockout.fail(tried, now=now)
        log.warning("console_sign_in_refused", came_from=remote_address)
        raise SignInRefused
    lockout.succeed(tried)
    log.info("console_signed_in", person=str(user.reference), second_factor=has_factor)
    return SignedIn(user, has_factor)


def confirm_oneself(
    user: User, *, password: str = "", code: str = "", remote_address: str, now: datetime
) -> None:
    """Make sure that whoever sits at an open console is its owner: by password or by code.

    Raises:
        SignInRefused: neither is right.
        lockout.DoorLocked: tried too often; counted with the sign-ins.
    """
    tried = _begun(user.username or "", remote_address, now)
    if not (_use(user.pk, code, now) if code else user.check_password(password)):
        lockout.fail(tried, now=now)
        raise SignInRefused
    lockout.succeed(tried)


def _is_let_in(user: object, code: str, now: datetime, *, has_factor: bool) -> bool:
    if not isinstance(user, User) or not user.is_staff:
        return False
    return not has_factor or _use(user.pk, code, now)


def _begun(name: str, remote_address: str, now: datetime) -> lockout.Try:
    try:
        return lockout.begin(name, remote_address=remote_address, now=now)
    except lockout.DoorLocked:
        log.warning("console_locked", came_from=remote_address)
        raise


@entry
def _use(user_id: int, code: str, now: datetime) -> bool:
    return second_factor.use(user_id, code, now=now)
