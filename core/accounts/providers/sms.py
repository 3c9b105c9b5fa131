"""What the market asks of whoever sends its short messages."""

from typing import Protocol

from core.errors import DomainError


class SmsUnavailable(DomainError):
    """Codes cannot be sent at the moment; please try again later."""

    code = "SMS_UNAVAILABLE"
    zh = "暂时无法发送验证码，请稍后再试。"
    status = 503
    retry_after_s = 30


class SmsProvider(Protocol):
    """A way to reach a phone."""

    def send_code(self, phone: str, code: str) -> str:
        """Send a one-time code; return it only where the answer may show it, else "".

        Raises:
            SmsUnavailable: the message was not taken.
        """
        ...
