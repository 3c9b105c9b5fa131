"""Somebody at the console with mouse and keyboard, who knows it by the words on the page."""

import json
from collections.abc import Sequence
from datetime import datetime

from core.periods import SHANGHAI
from tests.support.browser import Browser

# The first thing with such a label below the one that was filled in before: people go down a form.
FIELD = """((label, after) => {
    const seen = one => one.innerText.replace('*', '').trim() === label && one.control;
    const below = one => !after
        || document.getElementById(after).compareDocumentPosition(one.control) & 4;
    const found = [...document.querySelectorAll('label')].filter(seen);
    return (found.find(below) || {}).control;
})"""
# What can be pressed and says so; the names of icons stand before the words.
BUTTON = """(words => [...document.querySelectorAll('a, button')]
    .find(one => one.innerText.trim().split('\\n').pop().trim() === words && one.offsetParent))"""
SET = """((field, value) => {
    field.value = value;
    for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {bubbles: true}));
})"""
CHOOSE = """((field, words) => {
    const found = [...field.options].find(one => one.text.trim().startsWith(words));
    if (!found) return false;
    if (field.multiple) found.selected = true; else field.selectedIndex = found.index;
    field.dispatchEvent(new Event('change', {bubbles: true}));
    return true;
})"""


def wall(instant: datetime) -> str:
    """Return an instant as a clock in China shows it, as it is typed."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


class Clerk:
    """Who has signed in and works through the pages."""

    def __init__(self, window: Browser, url: str) -> None:
        self.window, self.url = window, url
        # What stood on every page that was met.
        self.met: list[str] = []

    def enter(self, name: str, password: str) -> None:
        """Sign in at the door."""
        self.window.open(f"{self.url}/admin/")
        self.window.write("document.querySelector('#id_username')", name)
        self.window.write("document.querySelector('#id_password')", password)
        self.press("登录")

    def visit(self, page: str) -> None:
        """Go to a list by the sidebar."""
        self.press(page)

    def begin(self) -> None:
        """Begin something new: the round button above a list."""
        self.window.click("document.querySelector('a[href$=\"/add/\"]')", leads_on=True)
        self.met.append(self.read())

    def press(self, words: str) -> None:
        """Press what leads to another page."""
        self.window.click(f"{BUTTON}({json.dumps(words)})", leads_on=True)
        self.met.append(self.read())

    def say(self, reason: str) -> None:
        """Write why, beside the buttons."""
        self.window.write("document.querySelector('input[name=reason]')", reason)

    def fill(self, given: Sequence[tuple[str, str]]) -> None:
        """Write into the fields with these labels, from the top of the form down."""
        before = ""
        for label, text in given:
            field = f"{FIELD}({json.dumps(label)}, {json.dumps(before)})"
            assert self.window.run(f"Boolean({field})"), f"nothing is called {label}"
            kind = self.window.run(f"{field}.type")
            if kind.startswith("select"):
                chosen = self.window.run(f"{CHOOSE}({field}, {json.dumps(text)})")
                assert chosen, f"{label} does not offer {text}"
            elif kind == "datetime-local":
                # The order in which its parts are typed depends on the language of the machine.
                self.window.run(f"{SET}({field}, {json.dumps(text)})")
            else:
                self.window.write(field, text)
            before = self.window.run(f"{field}.id")

    def save(self) -> None:
        """Save a form; what is wrong with it is said."""
        self.press("保存")
        wrong = self.window.run(
            "[...document.querySelectorAll('.errorlist')].map(one => one.innerText)"
        )
        assert not wrong, wrong

    def read(self) -> str:
        """Return what stands on the page."""
        return str(self.window.run("document.querySelector('main, #main, body').innerText"))
