from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "orders.sandbox"
    label = "sandbox_provider"
    default_auto_field = "django.db.models.BigAutoField"
