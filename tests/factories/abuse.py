"""Traces for tests, noted under the limits of real life."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import override_settings

from core.accounts.models import User
from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.models import Trace
from marketplace.abuse.services import watching
from tests.factories.accounts import a_user


def a_trace(user: User | None = None, *, now: datetime, **said: Any) -> Trace:
    """Return what an order from some device left behind."""
    facts = {"deed": Deed.ORDER, "subject": uuid4(), "origin": Origin(device="app-0123456789")}
    facts |= said
    noted = watching.Noted(user_id=(user or a_user()).pk, **facts)
    with override_settings(MARKETPLACE_LIMITS_FACTOR=1), transaction.atomic():
        watching.note(noted, now=now)
    return Trace.objects.get(subject=noted.subject)
