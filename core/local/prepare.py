"""What a database needs before the first visitor, in one process: `python -m` this module."""

import os

import django
from django.conf import settings
from django.core.management import call_command

# In this order; each is idempotent, so an interrupted first start is simply repeated.
STEPS = {
    "load_regions": "Loading regions and programmes",
    "load_categories": "Loading categories",
    "open_sections": "Opening the standing sections",
    "demonstration": "Opening the demonstration market",
}
DEMONSTRATION = "demonstration"


def main() -> None:
    """Migrate, then fill in what is not there yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
    django.setup()
    print("Bringing the database up to date", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    has_demonstration = (
        settings.MARKETPLACE_SANDBOX and os.environ.get("DEMONSTRATION", "yes") == "yes"
    )
    for name, sentence in STEPS.items():
        if name != DEMONSTRATION or has_demonstration:
            print(sentence, flush=True)
            call_command(name)


if __name__ == "__main__":
    main()
