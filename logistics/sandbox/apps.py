from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "logistics.sandbox"
    label = "sandbox_carrier"
    default_auto_field = "django.db.models.BigAutoField"
