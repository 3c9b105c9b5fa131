"""`python -m tests.fuzz.seeding FILE`: one good request for every operation, with real ids.

Runs with the environment of the market that is to be driven, and makes everything in it by the
services that make it in life.
"""

import itertools
import json
import os
import re
import sys
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from core.accounts.domain.roles import Role  # noqa: E402
from core.accounts.services import codes, granting  # noqa: E402
from core.accounts.services.sessions import open_for  # noqa: E402
from core.audit.actors import SYSTEM  # noqa: E402
from core.regions.models import RegionPairing  # noqa: E402
from core.uploads.models import Purpose  # noqa: E402
from logistics.parcels.services import tracking  # noqa: E402
from logistics.sandbox.domain import codes as carrier_codes  # noqa: E402
from logistics.sandbox.domain import signatures as carrier_signatures  # noqa: E402
from marketplace.campaigns.models import Campaign  # noqa: E402
from marketplace.sections.models import RegionalBrand, Section  # noqa: E402
from marketplace.sections.services import pins  # noqa: E402
from orders.placement.services import fulfilment  # noqa: E402
from tests.factories import (  # noqa: E402
    accounts,
    campaigns,
    catalogue,
    parcels,
    payments,
    regions,
    sections,
)
from tests.support.addresses import ADDRESSES  # noqa: E402
from tests.support.caller import Caller  # noqa: E402
from tests.support.world import World  # noqa: E402

SESSIONS_EACH = 40
Step = dict[str, Any]


# Whoever helps Hubei in these places; a pair of regions is paired once at a time.
HELPERS = itertools.cycle(("310000", "110000", "120000", "320000", "330000", "350000", "440000"))


class Place(World):
    """A world beside others in the same market: what there is one of in a market, it makes anew."""

    @cached_property
    def section(self) -> Section:
        return sections.a_section(f"hall-{uuid4().hex[:12]}")

    @cached_property
    def co_branded(self) -> Section:
        slug = f"joint-{uuid4().hex[:12]}"
        return sections.a_co_branded_section("Bureau 420000", slug=slug, regions=["420000"])

    @cached_property
    def campaign(self) -> Campaign:
        product = catalogue.a_product(self.shop)
        campaign = campaigns.a_campaign(
            f"fair-{uuid4().hex[:12]}", now=self.now, **campaigns.running(self.now)
        )
        campaigns.approved(campaigns.an_enrolment(campaign, product, self.now), self.now)
        return campaign

    @cached_property
    def planned_campaign(self) -> Campaign:
        return campaigns.a_campaign(f"plan-{uuid4().hex[:12]}", now=self.now, scheduled=False)

    @cached_property
    def brand(self) -> RegionalBrand:
        return sections.a_brand(kind="REGIONAL")

    @cached_property
    def pairing(self) -> RegionPairing:
        return regions.a_pairing(next(HELPERS), "420000")


def plan() -> dict[str, Any]:
    """Return who calls, and the good request of every operation by its label."""
    shared = Place()
    shared.furnish()
    steps = {}
    for (method, pattern), address in sorted(ADDRESSES.items()):
        world = shared if method == "GET" else Place()
        caller = Caller(method, pattern, address, world)
        step = {
            "who": address.who or "anonymous",
            "token": caller.headers.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "),
            "path": {name: str(value) for name, value in caller.at.items()},
            "query": {},
            "headers": {"Idempotency-Key": str(uuid4())},
            "body": caller.good(),
            "file": "",
        }
        step |= SPECIAL.get((method, pattern), lambda world, step: {})(world, step)
        steps[label(method, pattern)] = step
    return {"callers": callers(shared), "steps": steps}


def label(method: str, pattern: str) -> str:
    """Name an operation as the document does: `GET /api/v1/shops/{slug}`."""
    return f"{method} /api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)


def callers(shared: World) -> dict[str, list[str]]:
    """Return tokens of one person of each kind; several, because some calls end a session."""
    staff = accounts.a_user()
    with transaction.atomic():
        for role in Role:
            granting.grant_role(staff.pk, role, now=shared.now)
        people = {"buyer": shared.buyer, "seller": shared.seller, "staff": staff}
        tokens = {
            name: [open_for(person, now=shared.now).access for _ in range(SESSIONS_EACH)]
            for name, person in people.items()
        }
    return {"anonymous": [], **tokens}


def _signing_in(world: World, step: Step) -> Step:
    phone = accounts.a_phone()
    sent = codes.request_code(phone, remote_address="192.0.2.1", now=world.now)
    return {"body": {"phone": phone, "code": sent.sandbox_code}}


def _refreshing(world: World, step: Step) -> Step:
    with transaction.atomic():
        return {"body": {"refresh": open_for(world.buyer, now=world.now).refresh}}


def _unpinning(world: World, step: Step) -> Step:
    with transaction.atomic():
        pins.pin(world.section, world.product.reference, position=1, actor=SYSTEM, now=world.now)
    return {"query": {"product": str(world.product.reference)}}


def _receiving(world: World, step: Step) -> Step:
    scans = [
        parcels.a_scan(state, world.now, minutes=minutes)
        for minutes, state in enumerate(("COLLECTED", "IN_TRANSIT", "DELIVERING", "SIGNED"))
    ]
    tracking.hear(str(world.parcel.reference), scans, now=world.now)
    with transaction.atomic():
        fulfilment.follow(str(world.shop_order.reference), now=world.now)
    return {}


def _paid(world: World, step: Step) -> Step:
    headers, body = payments.a_callback(world.payment, now=world.now)
    return {"headers": headers, "body": body.decode()}


def _collected(world: World, step: Step) -> Step:
    said = {
        "event_id": str(uuid4()),
        "sender_reference": str(world.parcel.reference),
        "number": world.parcel.waybill_no,
        "state": carrier_codes.BY_STATE["COLLECTED"],
        "at": world.now.isoformat(),
    }
    body = json.dumps(said)
    timestamp = str(int(world.now.timestamp()))
    signature = carrier_signatures.sign(
        settings.SECRET_KEY, timestamp=timestamp, body=body.encode()
    )
    return {
        "headers": {"Carrier-Timestamp": timestamp, "Carrier-Signature": signature},
        "body": body,
    }


# Where the table's request needs a secret, a moment or a file that only real life has.
SPECIAL: dict[tuple[str, str], Any] = {
    ("POST", "auth/sessions"): _signing_in,
    ("POST", "auth/sessions/refresh"): _refreshing,
    ("DELETE", "staff/sections/<str:slug>/pins"): _unpinning,
    ("POST", "shop-orders/<uuid:shop_order>/receipt"): _receiving,
    ("POST", "payments/<slug:provider>/callbacks"): _paid,
    ("POST", "logistics/<slug:carrier>/callbacks"): _collected,
    ("POST", "uploads"): lambda world, step: {
        "file": "picture",
        "body": {"purpose": Purpose.PHOTO},
    },
    ("GET", "reports/region-sales"): lambda world, step: {
        "query": {"from": "2026-11-01", "to": "2026-12-01"}
    },
    ("GET", "reports/campaigns"): lambda world, step: {
        "query": {"from": "2026-11-01", "to": "2026-12-01"}
    },
    ("GET", "campaigns"): lambda world, step: {"query": {"from": "2026-11-01", "to": "2026-12-01"}},
    ("GET", "reports/pairings"): lambda world, step: {
        "query": {"from": "2026-11-01", "to": "2026-12-01"}
    },
}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(plan(), default=str), encoding="utf-8")
