from django.apps import AppConfig


class SectionsConfig(AppConfig):
    name = "marketplace.sections"
    label = "sections"
    default_auto_field = "django.db.models.BigAutoField"
