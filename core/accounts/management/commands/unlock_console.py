"""`manage.py unlock_console NAME`: let somebody in again who is locked out of the console."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.accounts.models import SignInCount, User
from core.accounts.services import lockout, second_factor
from core.audit.actors import SYSTEM
from core.transactions import entry

REASON = "unlock_console on the server"


class Command(BaseCommand):
    """For whoever holds the server when no superuser can get in."""

    help = "Unlock the console for a user name; with --remove-second-factor after a lost phone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--remove-second-factor", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            user = User.objects.get(username=options["name"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody is called {options['name']!r} here.") from None
        now = timezone.now()
        shut = list(SignInCount.objects.filter(user=user).values_list("pk", flat=True))
        opened = entry(lockout.unlock)(shut, actor=SYSTEM, now=now, reason=REASON)
        print("Unlocked." if opened else "Was not locked.")
        if options["remove_second_factor"]:
            removed = entry(second_factor.remove)(user.pk, actor=SYSTEM, now=now, reason=REASON)
            print("Second factor removed." if removed else "There was no second factor.")
