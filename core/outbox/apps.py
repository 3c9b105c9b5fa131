"""How the outbox starts."""

from django.apps import AppConfig

from core.outbox import signals


class OutboxConfig(AppConfig):
    name = "core.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what the processes of Celery do."""
        signals.connect()
