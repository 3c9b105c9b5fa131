"""Putting the rooms together when a process starts."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from marketplace.config.celery import app


class ConfigConfig(AppConfig):
    name = "marketplace.config"
    label = "config"

    def ready(self) -> None:
        """Let every room register its consumers and its invariants."""
        # Threads of a web server look for the default, not for the one this thread made.
        app.set_default()
        autodiscover_modules("tasks", "invariants", "selectors.invariants")
