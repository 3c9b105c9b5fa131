import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.local.bootstrap import ROOT
from core.local.folder import fresh_secrets
from marketplace.config import safety

MADE = fresh_secrets()
SAFE = {
    "MARKETPLACE_PRODUCTION": True,
    "MARKETPLACE_SANDBOX": False,
    "DEBUG": False,
    "SECRET_KEY": MADE["SECRET_KEY"],
    "ALLOWED_HOSTS": ["market.example"],
    "ROOT_URLCONF": "marketplace.config.urls",
    "FIELD_KEYS": [MADE["FIELD_KEYS"]],
    "FIELD_INDEX_KEY": MADE["FIELD_INDEX_KEY"],
    "BEHIND_TLS": True,
    "DATABASES": {"default": {"PASSWORD": "0f3a9b1c"}},
    "MARKETPLACE_PUBLIC_URL": "https://market.example",
    "MARKETPLACE_CORS_ORIGINS": ["https://shop.example"],
    "MARKETPLACE_SMS_URL": "https://sms.example/send",
    "MARKETPLACE_LIMITS_FACTOR": 1,
    "MARKETPLACE_CONSOLE_SECOND_FACTOR": True,
}


def test_fresh_secrets_and_no_sandbox_are_safe():
    safety.require_safe(SimpleNamespace(**SAFE))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"DEBUG": True}, "DEBUG is on"),
        ({"MARKETPLACE_SANDBOX": True}, "SANDBOX is on"),
        ({"SECRET_KEY": "test-secret-key-" * 5}, "SECRET_KEY"),
        ({"SECRET_KEY": MADE["SECRET_KEY"][:49]}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS"),
        ({"ROOT_URLCONF": "tests.bench.floors"}, "ROOT_URLCONF"),
        ({"BEHIND_TLS": False, "MARKETPLACE_PUBLIC_URL": "http://market.example"}, "BEHIND_TLS"),
        ({"MARKETPLACE_CORS_ORIGINS": ["http://shop.example"]}, "CORS_ORIGINS"),
        ({"MARKETPLACE_SMS_URL": "http://sms.example/send"}, "MARKETPLACE_SMS_URL"),
        ({"MARKETPLACE_LIMITS_FACTOR": 1_000}, "MARKETPLACE_LIMITS_FACTOR"),
        ({"MARKETPLACE_CONSOLE_SECOND_FACTOR": False}, "second factor"),
        ({"DATABASES": {"default": {"PASSWORD": "postgres"}}}, "DATABASE_URL"),
        ({"FIELD_KEYS": []}, "FIELD_KEYS"),
        ({"FIELD_KEYS": ["k1:c2hvcnQ="]}, "FIELD_KEYS"),
        ({"FIELD_INDEX_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}, "FIELD_INDEX_KEY"),
    ],
)
def test_a_setting_of_a_trial_is_refused_in_production_alone(wrong, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        safety.require_safe(SimpleNamespace(**{**SAFE, **wrong}))

    safety.require_safe(SimpleNamespace(**{**SAFE, **wrong, "MARKETPLACE_PRODUCTION": False}))


def test_a_market_for_this_machine_alone_needs_no_tls():
    safety.require_safe(
        SimpleNamespace(
            **{**SAFE, "BEHIND_TLS": False, "MARKETPLACE_PUBLIC_URL": "http://localhost:8000"}
        )
    )


def test_production_asks_for_a_second_factor_whatever_the_environment_says():
    script = "from marketplace.config import settings as said;"
    script += "print(said.MARKETPLACE_CONSOLE_SECOND_FACTOR)"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PRODUCTION": "yes", "MARKETPLACE_CONSOLE_SECOND_FACTOR": "no"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ran.stdout.strip() == "True"


def test_every_process_looks_before_it_starts():
    ran = subprocess.run(
        [sys.executable, "-c", "import marketplace.config.wsgi"],
        cwd=ROOT, env={**os.environ, "PRODUCTION": "yes", "SANDBOX": "yes"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert "PRODUCTION=yes refuses to start" in ran.stderr.splitlines()[-1]
