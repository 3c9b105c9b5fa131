"""Check every promise of the house from scratch."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import reconciling


class Command(BaseCommand):
    """Print each invariant as held or BROKEN with its count; exit 1 when one is broken."""

    help = "Re-derive every counter and promise from the rows that explain it; repair nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--json` and names of single invariants."""
        parser.add_argument("names", nargs="*", help="only these invariants")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *_: object, **options: Any) -> None:
        """Ask all, print, and exit by the answer."""
        unknown = set(options["names"]) - set(reconciling.names())
        if unknown:
            raise CommandError(f"No such invariant: {', '.join(sorted(unknown))}")
        results = reconciling.run(options["names"] or None)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(result) for result in results]))
        else:
            self._print(results)
        if not all(result.is_held for result in results):
            sys.exit(1)

    def _print(self, results: list[reconciling.Result]) -> None:
        width = max((len(result.name) for result in results), default=0)
        for result in results:
            verdict = "held" if result.is_held else f"BROKEN {result.broken}"
            self.stdout.write(f"{result.name:<{width}}  {verdict}")
            for finding in result.findings:
                self.stdout.write(f"    {finding.subject}: {finding.detail}")
        broken = sum(not result.is_held for result in results)
        self.stdout.write(
            f"{len(results)} invariants, {len(results) - broken} held, {broken} broken"
        )
