"""Codes leave through one small door: shown by the sandbox, handed over by HTTPS, or refused."""

import json
from urllib.error import URLError

import pytest

from core.accounts.providers import chosen, webhook
from core.accounts.providers.sandbox import SandboxSms
from core.accounts.providers.sms import SmsUnavailable


class Taken:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def test_the_sandbox_shows_the_code(settings):
    settings.MARKETPLACE_SANDBOX = True

    assert isinstance(chosen.sms(), SandboxSms)
    assert chosen.sms().send_code("+8613900000001", "123456") == "123456"


def test_a_gateway_is_handed_the_code_and_nothing_is_shown(settings, monkeypatch):
    settings.MARKETPLACE_SANDBOX = False
    settings.MARKETPLACE_SMS_URL = "https://sms.example/send"
    settings.MARKETPLACE_SMS_TOKEN = "secret"
    wire = []
    monkeypatch.setattr(webhook, "opened", lambda request, timeout: wire.append(request) or Taken())

    assert chosen.sms().send_code("+8613900000001", "123456") == ""

    (request,) = wire
    assert json.loads(request.data) == {"phone": "+8613900000001", "code": "123456"}
    assert request.get_header("Authorization") == "Bearer secret"


@pytest.mark.parametrize("failure", [URLError("refused"), TimeoutError()])
def test_a_gateway_that_does_not_answer_is_said_so(failure, monkeypatch):
    def fail(request, timeout):
        raise failure

    monkeypatch.setattr(webhook, "opened", fail)

    with pytest.raises(SmsUnavailable):
        webhook.WebhookSms("https://sms.example/send", "").send_code("+8613900000001", "1")


def test_codes_never_travel_in_the_clear():
    with pytest.raises(ValueError, match="https"):
        webhook.WebhookSms("http://sms.example/send", "")
