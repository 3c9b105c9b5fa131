"""One JSON line per event, never with a phone, address, code or token."""

import logging
from typing import Any


def configure(settings: dict[str, Any]) -> None:
    """Set up logging for the whole process."""
    logging.basicConfig(level=settings.get("level", "INFO"))
