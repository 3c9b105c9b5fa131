"""Which provider this market runs with."""

from django.conf import settings

from core.accounts.providers.sandbox import SandboxSms
from core.accounts.providers.sms import SmsProvider, SmsUnavailable
from core.accounts.providers.webhook import WebhookSms


def sms() -> SmsProvider:
    """Return the way codes are sent here.

    Raises:
        SmsUnavailable: none was set up.
    """
    if settings.MARKETPLACE_SANDBOX:
        return SandboxSms()
    if settings.MARKETPLACE_SMS_URL:
        return WebhookSms(settings.MARKETPLACE_SMS_URL, settings.MARKETPLACE_SMS_TOKEN)
    raise SmsUnavailable
