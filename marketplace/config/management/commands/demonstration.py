"""`manage.py demonstration`: make what is missing of the demonstration market."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.config import demonstration


class Command(BaseCommand):
    """Open the demonstration market; repeating it is harmless."""

    help = "Open the demonstration market (only with the sandbox switched on)."

    def handle(self, *_: Any, **__: Any) -> None:
        if not demonstration.is_wanted():
            self.stdout.write("The sandbox is switched off: no demonstration.")
            return
        for made in demonstration.open_market(now=timezone.now()):
            self.stdout.write(f"made {made}")
        password = settings.MARKETPLACE_ADMIN_PASSWORD
        if password and demonstration.open_console(password):
            self.stdout.write("made the console user admin")
