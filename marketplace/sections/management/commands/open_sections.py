"""`manage.py open_sections`: the sections that every market begins with."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.sections.services import sections


class Command(BaseCommand):
    help = "Open the sections every market begins with, where they are missing."

    def handle(self, **_: Any) -> None:
        """Say what was opened."""
        opened = sections.open_defaults(timezone.now())
        self.stdout.write(f"Sections opened: {', '.join(opened) or 'none, they are all there'}")
