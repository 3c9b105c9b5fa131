from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "shops.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
