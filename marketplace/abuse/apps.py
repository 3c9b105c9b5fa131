from django.apps import AppConfig


class AbuseConfig(AppConfig):
    name = "marketplace.abuse"
    label = "abuse"
    default_auto_field = "django.db.models.BigAutoField"
