"""`manage.py draw_states`: write every life of the house down as diagrams, from its table."""

import sys
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

from core.states import Machine

PAGE = Path(settings.ROOT) / "docs" / "states.md"
HEAD = """# Lives

Drawn from the tables in the rooms' `domain` by `manage.py draw_states`; what is not drawn here
cannot happen, and every step writes a row of the state log.
"""


class Command(BaseCommand):
    """Write `docs/states.md`, or say with --check whether it is current."""

    help = "Draw the state machines into docs/states.md."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        drawn = page()
        if not options["check"]:
            PAGE.write_text(drawn, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != drawn:
            self.stderr.write("docs/states.md is not current: python manage.py draw_states")
            sys.exit(1)


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(_section(name, machine) for name, machine in sorted(machines()))])


def machines() -> list[tuple[str, Machine]]:
    """Return every life with the module that its table stands in, each once."""
    rooms = tuple(f"{config.name}.domain" for config in apps.get_app_configs())
    found: dict[str, tuple[str, Machine]] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(rooms):
            for value in vars(module).values():
                if isinstance(value, Machine):
                    found.setdefault(value.subject, (name, value))
    return [(f"{machine.subject}", machine) for _, machine in found.values()]


def _section(name: str, machine: Machine) -> str:
    steps = [
        f"    {source} --> {target}: {action}"
        for (source, action), target in machine.transitions.items()
    ]
    return "\n".join([f"## {name}", "", "```mermaid", "stateDiagram-v2", *steps, "```", ""])
