"""Seal every personal field with the first key of FIELD_KEYS; afterwards the old key can go."""

from typing import Any

from django.core.management.base import BaseCommand

from core.accounts import resealing


class Command(BaseCommand):
    """Put the new key in front of FIELD_KEYS, restart, run this, then take the old key away."""

    help = "Seal every personal field with the first key of FIELD_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        for place in resealing.sealed_columns():
            total = 0
            while count := resealing.reseal(place):
                total += count
            self.stdout.write(f"{place}: {total} sealed again")
