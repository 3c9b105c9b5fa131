from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "orders.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
