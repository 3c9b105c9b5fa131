from django.apps import AppConfig


class ReductionsConfig(AppConfig):
    name = "marketplace.reductions"
    label = "reductions"
    default_auto_field = "django.db.models.BigAutoField"
