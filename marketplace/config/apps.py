"""Putting the rooms together when a process starts."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from marketplace.config.celery import app
from marketplace.config.safety import require_safe


class ConfigConfig(AppConfig):
    name = "marketplace.config"
    label = "config"

    def ready(self) -> None:
        """Let every room register its consumers and its invariants."""
        require_safe(settings)
        # Threads of a web server look for the default, not for the one this thread made.
        app.set_default()
        autodiscover_modules("tasks", "invariants", "selectors.invariants")
