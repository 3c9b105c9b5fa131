"""`manage.py admit_staff NAME --role REVIEWER --region 420000`: let somebody into the console."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.accounts.services import staffing
from core.console import words
from core.errors import DomainError, InvalidInput
from core.transactions import entry


class Command(BaseCommand):
    """The password is asked for, or read from standard input; it is never an argument."""

    help = "Let somebody into the console; repeat --role for several roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", action="append", choices=Role.values, required=True)
        parser.add_argument("--region", default="", help="a code; without it the whole country")

        parser.add_argument("--organisation", default="", help="a partner that they work for")

    def handle(self, *_: Any, **options: Any) -> None:
        asked = sys.stdin.isatty()
        password = getpass("Password: ") if asked else sys.stdin.readline().rstrip("\n")
        roles = [Role(role) for role in options["role"]]
        try:
            entry(staffing.admit)(
                options["name"],
                password,
                roles=roles,
                region=options["region"],
                organisation=options["organisation"],
                now=timezone.now(),
            )
        except InvalidInput as refusal:
            raise CommandError(" ".join(fault.detail for fault in refusal.faults)) from refusal
        except DomainError as refusal:
            raise CommandError(words.sentence(refusal)) from refusal
        where = options["region"] or "the whole country"
        print(f"{options['name']} may enter the console: {', '.join(roles)}, {where}.")
