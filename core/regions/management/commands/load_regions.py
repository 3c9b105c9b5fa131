from typing import Any

from django.core.management.base import BaseCommand

from core.regions.services import loading
from core.transactions import entry


class Command(BaseCommand):
    help = "Load the divisions and programmes that ship with the project; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        for table in entry(loading.load)():
            self.stdout.write(
                f"{table.table}: {table.added} added, {table.changed} changed, "
                f"{table.unchanged} as they were, {table.unknown} not in the shipped tables"
                + (f"; {table.left_out} statistical zones left out" * bool(table.left_out))
            )
