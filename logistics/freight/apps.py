from django.apps import AppConfig


class FreightConfig(AppConfig):
    name = "logistics.freight"
    label = "freight"
    default_auto_field = "django.db.models.BigAutoField"
