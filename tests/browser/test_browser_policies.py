"""In a real browser: our pages work under their policies, and ask no other machine."""

import pytest
from django.utils.safestring import mark_safe

from core.accounts.models import User
from tests.support import browser, desk
from tests.support.browser import Browser

pytestmark = browser.MARKS

PASSWORD = "correct horse battery"


@pytest.fixture
def window():
    with Browser() as opened:
        yield opened


def outside(window, server):
    return [url for url in window.asked if not url.startswith((server.url, "data:", "about:"))]


def at_peace(window, server):
    assert window.complaints == []
    assert outside(window, server) == []


def test_the_front_page_and_the_pages_of_refusals_are_drawn(window, live_server):
    for path, ground in (("/", "header"), ("/problems/not-found", "body")):
        window.open(live_server.url + path)
        style = f"getComputedStyle(document.querySelector('{ground}')).backgroundColor"
        assert window.run(style) not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")

    at_peace(window, live_server)


def test_the_api_can_be_read_and_tried(window, live_server):
    window.open(f"{live_server.url}/api/docs/")
    # Only what is in sight is drawn, so whoever looks for something scrolls to it.
    window.wait_for("document.querySelectorAll('.opblock').length > 5")
    window.wait_for(
        "(scrollBy(0, 300), document.querySelector('#operations-http-get_meta_enums button'))"
    )
    window.run("document.querySelector('#operations-http-get_meta_enums button').click()")
    window.wait_for("document.querySelector('.try-out__btn')")
    window.run("document.querySelector('.try-out__btn').click()")
    window.wait_for("document.querySelector('button.execute')")
    window.run("document.querySelector('button.execute').click()")
    window.wait_for("document.querySelector('.live-responses-table .response-col_status')")

    status = window.run(
        "document.querySelector('.live-responses-table tbody .response-col_status').innerText"
    )
    assert status.startswith("200")
    at_peace(window, live_server)


def test_the_console_works_from_the_door_on(window, live_server, now):
    User.objects.create_superuser("liang", PASSWORD, name="梁")
    market = desk.fill(now)
    window.open(f"{live_server.url}/admin/")
    window.leave(
        "document.querySelector('#id_username').value = 'liang';"
        f"document.querySelector('#id_password').value = '{PASSWORD}';"
        "document.querySelector('#login-form button').click()"
    )
    assert window.run("location.pathname") == "/admin/"
    assert window.run("getComputedStyle(document.body).fontFamily").startswith("Inter")

    pages = [desk.listed(page) for page in desk.pages()]
    pages += [f"{desk.listed(page)}add/" for page in desk.pages() if page.deed("add")]
    pages += [desk.one(market.waiting_shop), desk.one(market.budget), "/admin/second-factor/"]
    for path in pages:
        window.open(live_server.url + path)
        assert window.run("document.querySelector('#nav-sidebar') !== null"), path
    # Expressions of the theme are read: what it hides until a click is hidden.
    window.run("document.querySelector('[x-on\\\\:click]').click()")

    at_peace(window, live_server)


def test_a_script_that_was_smuggled_in_does_not_run(window, live_server, monkeypatch):
    """The canary: a page that does not escape what it shows, under the same policy."""
    evil = "<script>window.smuggled = 1</script><img src=x onerror='window.smuggled = 2'>"
    monkeypatch.setattr("marketplace.config.look.chosen", lambda *_: mark_safe(evil))
    window.open(f"{live_server.url}/admin/login/")

    assert window.run("document.body.innerHTML.includes('onerror=')")
    assert window.run("window.smuggled === undefined")
    assert any("Content Security Policy" in said for said in window.complaints)
