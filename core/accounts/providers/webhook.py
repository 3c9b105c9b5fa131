"""Messages handed to a gateway over HTTPS, as JSON: `{"phone", "code"}`.

Every vendor has an interface of its own; a small relay that a deployment runs beside the market
speaks it. The gateway answers any 2xx once it has taken the message.
"""

import json
from urllib.error import URLError
from urllib.request import Request

from core.accounts.providers.sms import SmsUnavailable
from core.http.sending import opened

TIMEOUT_S = 5


class WebhookSms:
    """Posts each code to one address."""

    def __init__(self, url: str, token: str) -> None:
        if not url.startswith("https://"):
            raise ValueError("MARKETPLACE_SMS_URL must begin with https://.")
        self.url, self.token = url, token

    def send_code(self, phone: str, code: str) -> str:
        """Hand a code over.

        Raises:
            SmsUnavailable: the gateway refused, or did not answer in time.
        """
        request = Request(  # noqa: S310 - only https, see above.
            self.url,
            data=json.dumps({"phone": phone, "code": code}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with opened(request, timeout=TIMEOUT_S):
                return ""
        except (URLError, TimeoutError) as failure:
            raise SmsUnavailable from failure
