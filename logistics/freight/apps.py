from importlib import import_module

from django.apps import AppConfig


class FreightConfig(AppConfig):
    name = "logistics.freight"
    label = "freight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the catalogue ask whether a shop has the freight template that a product names."""
        publication = import_module("shops.catalogue.services.publication")
        templates = import_module("logistics.freight.selectors.templates")
        publication.register_freight_check(templates.is_of_shop)
