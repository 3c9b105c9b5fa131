from django.apps import AppConfig


class PresalesConfig(AppConfig):
    name = "orders.presales"
    label = "presales"
    default_auto_field = "django.db.models.BigAutoField"
