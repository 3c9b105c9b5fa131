from django.apps import AppConfig


class GroupbuysConfig(AppConfig):
    name = "orders.groupbuys"
    label = "groupbuys"
    default_auto_field = "django.db.models.BigAutoField"
