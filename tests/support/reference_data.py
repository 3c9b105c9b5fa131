"""The divisions and the category tree: loaded once per run and kept by every flush.

They ship with the project and no test changes them for good, so a test that commits need not load
them again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from core.regions.services import loading
from core.transactions import entry
from shops.catalogue.services import categories

KEPT = frozenset(
    {
        "regions_region",
        "regions_programme",
        "regions_programmemembership",
        "catalogue_category",
    }
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load what ships with the project into the test database."""
    emptied = DatabaseOperations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Iterable[str], **options: Any) -> list[str]:
        return emptied(self, style, [name for name in tables if name not in KEPT], **options)

    DatabaseOperations.sql_flush = sql_flush
    with django_db_blocker.unblock():
        entry(loading.load)()
        entry(categories.load)()
    yield
    DatabaseOperations.sql_flush = emptied
