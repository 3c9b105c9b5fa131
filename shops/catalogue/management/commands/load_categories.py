from typing import Any

from django.core.management.base import BaseCommand

from core.transactions import entry
from shops.catalogue.services import categories


class Command(BaseCommand):
    help = "Load the category tree that ships with the project; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        done = entry(categories.load)()
        self.stdout.write(
            f"categories: {done.added} added, {done.changed} changed, {done.unchanged} as they were"
        )
