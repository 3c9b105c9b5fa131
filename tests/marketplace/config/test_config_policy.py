"""Every answer says what a browser may do with it, and cookies go to nobody else."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from core.accounts.models import User
from core.local.bootstrap import ROOT
from marketplace.config import policy

pytestmark = pytest.mark.django_db

PAGES = ["/", "/problems/not-found", "/nowhere", "/admin/", "/admin/login/", "/api/docs/"]
ANSWERS = ["/api/v1/meta/enums", "/api/v1/schema", "/api/v1/nowhere", "/api/v1/me"]


def rules_of(answer):
    said = answer["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (rule.partition(" ") for rule in said)}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_what_was_written_into_it_or_is_framed(client, path):
    rules = rules_of(client.get(path))

    assert (rules["default-src"], rules["base-uri"]) == ("'none'", "'none'")
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe-inline" not in rules.get("script-src", "")
    assert not any("http" in value or "*" in value for value in rules.values())


def test_only_the_console_reads_expressions():
    loose = [start for start, text in policy.POLICIES if "unsafe-eval" in text]

    assert loose == ["/admin/"]


@pytest.mark.parametrize("path", ANSWERS)
def test_answers_for_programs_are_no_pages(client, path):
    answer = client.get(path)

    assert rules_of(answer) == dict(policy.NOTHING)
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_every_answer_keeps_to_itself(client, path):
    answer = client.get(path)

    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_cookies_are_for_this_site_and_not_for_scripts(client):
    User.objects.create_superuser("liang", "correct horse battery")
    client.get("/admin/login/")
    said = {"username": "liang", "password": "correct horse battery"}
    client.post("/admin/login/", said)

    assert set(client.cookies) == {"session", "csrf"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
    assert client.cookies["session"]["max-age"] == 12 * 3_600


def test_behind_tls_cookies_and_browsers_stay_there():
    names = (
        *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE"),
        *("CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"),
    )
    script = (
        "import json; from marketplace.config import settings;"
        f"print(json.dumps([getattr(settings, name) for name in {names}]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "BEHIND_TLS": "yes"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(ran.stdout) == [
        *("__Host-session", "__Host-csrf", True),
        *(True, True, 31_536_000),
    ]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_address_that_is_not_there_is_not_found_whatever_the_method(method):
    program = Client(enforce_csrf_checks=True)

    answer = getattr(program, method)("/api/v1/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
