#!/usr/bin/env python3
"""The one command: `python3 manage.py up`, `test`, `verify`, and everything Django knows."""

import os
import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "manage.py: this is Python {}.{}; the market needs Python 3.11, 3.12 or 3.13.".format(
            *sys.version_info[:2]
        )
    )

if __name__ == "__main__":
    try:
        from core.local import bootstrap

        bootstrap.enter(sys.argv)
        from core.local import commands

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
        sys.exit(commands.run(sys.argv))
    except KeyboardInterrupt:
        sys.exit("\nmanage.py: stopped.")
