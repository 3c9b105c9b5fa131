"""Signing in: by a phone and the code that was sent to it."""

from datetime import datetime

from core.accounts import phones
from core.accounts.services import codes, people, sessions
from core.errors import DomainError
from core.transactions import entry


class AccountClosed(DomainError):
    """The account of this phone has been closed."""

    code = "ACCOUNT_CLOSED"
    zh = "该手机号对应的账户已停用。"
    status = 403


def open_session(
    written_phone: str, code: str, *, remote_address: str, now: datetime
) -> sessions.Tokens:
    """Sign in whoever holds a phone; somebody new becomes a user.

    Raises:
        InvalidInput: it is not a mainland mobile number.
        TooMany: too many tries for this phone from this network.
        codes.CodeWrong: wrong, used, run out, or tried too often.
        AccountClosed: the right code for a closed account.
    """
    phone = phones.normalised(written_phone)
    codes.spend_try(phone, remote_address=remote_address)
    tokens = _open(phone, code, now)
    if tokens is None:
        # Raised outside, so that the attempt stays counted.
        raise codes.CodeWrong
    return tokens


@entry
def _open(phone: str, code: str, now: datetime) -> sessions.Tokens | None:
    if not codes.use(phone, code, now=now):
        return None
    user = people.register(phone, now)
    if not user.is_active:
        raise AccountClosed
    return sessions.open_for(user, now=now)
