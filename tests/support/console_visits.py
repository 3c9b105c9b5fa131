"""Everybody at every address of the console, with keys of things that are somebody else's.

As in `visits`: one walk, made once in a run and undone.
"""

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.accounts.domain.roles import Role
from core.accounts.models import SignInCount, User
from core.accounts.services import lockout
from core.audit.models import StateLog
from core.console.pages import ReadPage
from core.outbox.models import Delivery
from shops.storefronts.domain.states import SHOP
from tests.factories import accounts, orders
from tests.support import desk
from tests.support.rows import everything, undone
from tests.support.town import ELSEWHERE, HERE, Town

Address = tuple[str, str]
CALLERS = ("anon", "buyer", "far", "near", "staff", "other", "boss")
# A page that is for nobody in particular is tried with the first role and without it.
SOME_ROLE = Role.REVIEWER
# What all marks begin with.
SEARCHED = "mark"


@dataclass(frozen=True)
class Visit:
    """What one caller met: the status, with a star where rows were changed, and marks seen."""

    heard: str
    shown: frozenset[str]
    logged: frozenset[str]


@dataclass(frozen=True)
class Walk:
    marks: frozenset[str]
    visits: dict[tuple[Address, str], Visit]


@cache
def walk() -> Walk:
    """Walk once; the caller's test undoes what was made."""
    return _Walker().walk()


def pages() -> dict[str, ReadPage]:
    """Return every page by the beginning of its addresses."""
    return {f"{page.opts.app_label}/{page.opts.model_name}/": page for page in desk.pages()}


def addresses() -> Iterator[tuple[Address, ReadPage | None]]:
    """Yield every address of the console once for each thing that can be asked or done there."""
    for pattern in patterns():
        place = next((place for place in pages() if pattern.startswith(place)), "")
        page = pages().get(place)
        if pattern.endswith("/do/<slug:name>/"):
            names = [deed.name for deed in page.deeds if deed.name != "add"]
            for method, name in product(("GET", "POST"), names):
                yield (method, pattern.replace("<slug:name>", name)), page
            continue
        if pattern.endswith("/see/<slug:name>/"):
            for sight in page.sights:
                yield ("GET", pattern.replace("<slug:name>", sight.name)), page
            continue
        yield ("GET", pattern), page
        if page is not None and pattern.endswith(("/add/", "/change/", "/delete/")):
            yield ("POST", pattern), page
        for action in page.actions if page and pattern == place else ():
            name = action if isinstance(action, str) else action.__name__
            yield ("POST", f"{pattern}?{name}"), page


def patterns() -> Iterator[str]:
    """Yield every pattern of the console below /admin/."""

    def walk(entries: list[Any], before: str) -> Iterator[str]:
        for entry in entries:
            whole = before + str(entry.pattern)
            if hasattr(entry, "url_patterns"):
                yield from walk(entry.url_patterns, whole)
            else:
                yield whole

    yield from walk(admin.site.get_urls(), "")


def _text_of(answer: Any) -> str:
    """Return what a page says, in pieces or at once."""
    whole: bytes = answer.getvalue() if answer.streaming else answer.content
    return whole.decode(errors="replace")


class _Walker:
    def __init__(self) -> None:
        self.town = Town()
        # And the heading over what the whole country takes.
        self.marks = self.town.settle() | {"takings.today": "今日收款"}
        town = self.town
        self.rows = self._rows()
        self.browsers = {"anon": Client(), "buyer": desk.seat(town.buyer)}
        self.browsers |= {"far": self._seat(town.official(ELSEWHERE))}
        self.browsers |= {"near": self._seat(town.official(HERE))}
        self.browsers |= {"boss": desk.seat(desk.superuser())}
        for role in Role:
            others = (one for one in Role if one != role)
            self.browsers[f"only {role}"] = self._seat(town.staff(role))
            self.browsers[f"but {role}"] = self._seat(town.staff(*others))

    def _seat(self, person: User) -> Client:
        User.objects.filter(pk=person.pk).update(is_staff=True, username=f"staff {person.pk}")
        return desk.seat(User.objects.get(pk=person.pk))

    def _rows(self) -> dict[str, Any]:
        town = self.town
        town.refund = desk.a_refund(
            orders.an_order(accounts.a_user(), [(town.product, 1)], now=town.now), town.now
        )
        lockout.begin("somebody", remote_address="203.0.113.9", now=town.now)
        SignInCount.objects.update(state="LOCKED", locked_until=town.now + timedelta(hours=1))
        Delivery.objects.filter(pk=Delivery.objects.order_by("id").first().pk).update(
            state="PARKED", parked_at=town.now
        )
        return {
            "accounts/signincount/": SignInCount.objects.order_by("id").first(),
            "accounts/user/": town.buyer,
            "audit/statelog/": StateLog.objects.get(
                subject=SHOP.subject, subject_id=town.waiting_shop.pk, action="submit"
            ),
            "outbox/delivery/": Delivery.objects.get(state="PARKED"),
            "storefronts/shop/": town.waiting_shop,
            "catalogue/product/": town.product,
            "sections/section/": town.hidden_section,
            "sections/sectionitem/": town.item,
            "regions/regionpairing/": town.pairing,
            "regions/programme/": town.programme,
            "sections/regionalbrand/": town.authorised,
            "coupons/couponbatch/": town.drafted,
            "coupons/couponbudget/": town.budget,
            "freight/dispatchhold/": town.hold,
            "abuse/trace/": town.trace,
            "parcels/parcel/": town.parcel,
            "placement/order/": town.paid,
            "placement/shoporder/": town.shop_order,
            "payments/payment/": town.payment,
            "payments/refund/": town.refund,
            "groupbuys/groupterms/": town.group_buy,
            "groupbuys/team/": town.team,
            "presales/presaleterms/": town.presale,
            "presales/preorder/": town.preorder,
            "reductions/shopreduction/": town.reduction,
            "activities/activity/": town.flash_sale,
            "campaigns/campaign/": town.campaign,
            "campaigns/enrolment/": town.enrolment,
        }

    def walk(self) -> Walk:
        visits = {}
        for address, page in addresses():
            path, said = self._asked(*address)
            for caller, browser in self._callers(page):
                visits[address, caller] = self._visit(address[0], path, said, browser)
        return Walk(frozenset(self.marks), visits)

    def _callers(self, page: ReadPage | None) -> Iterator[tuple[str, Client]]:
        role = page.roles[0] if page and page.roles else SOME_ROLE
        seats = {"staff": f"only {role}", "other": f"but {role}"}
        for caller in CALLERS:
            yield caller, self.browsers[seats.get(caller, caller)]

    def _asked(self, method: str, pattern: str) -> tuple[str, dict[str, Any]]:
        path, _, action = pattern.partition("?" if method == "POST" else "\0")
        place = next((place for place in self.rows if path.startswith(place)), "")
        row = self.rows.get(place)
        assert row is not None or not action, (pattern, place)
        said = {"action": action, "_selected_action": [row.pk], "reason": "试"} if action else {}
        if path.endswith("/delete/") and method == "POST":
            said = {"post": "yes"}
        if "/papers/" in path:
            path = path.replace("<uuid:reference>", str(self.town.licence.reference))
        for name in ("<int:object_id>", "<path:object_id>"):
            path = path.replace(name, str(row.pk if row else 1))
        path = path.replace("<path:content_type_id>", "1").replace("(?P<url>.*)$", "nothing")
        if path.startswith("^"):
            path = "placement/"
        if path == "search/":
            path += f"?s={SEARCHED}&extended=1"
        return reverse("admin:index") + path, said

    def _visit(self, method: str, path: str, said: dict[str, Any], browser: Client) -> Visit:
        log = io.StringIO()
        with undone() as before:
            with redirect_stdout(log):
                answer = browser.post(path, said) if method == "POST" else browser.get(path)
            was_changed = method == "POST" and everything() != before
        text = _text_of(answer) + repr(answer.headers)
        heard = f"{answer.status_code}{'*' if was_changed else ''}"
        return Visit(heard, self._marks_in(text), self._marks_in(log.getvalue()))

    def _marks_in(self, text: str) -> frozenset[str]:
        return frozenset(name for name, word in self.marks.items() if word in text)
