"""What ships with the project is loaded once per run, and a test that commits leaves it there.

Nothing but what such a test has written is deleted after it: emptying every table, and making
Django's permissions anew, takes ten times as long as most of these tests.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate

from core.regions.services import loading
from core.transactions import entry
from shops.catalogue.services import categories

KEPT = frozenset(
    {
        "regions_region",
        "regions_programme",
        "regions_programmemembership",
        "catalogue_category",
        "django_content_type",
        "auth_permission",
    }
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load what ships with the project into the test database."""
    with django_db_blocker.unblock():
        entry(loading.load)()
        entry(categories.load)()
    # Content types and permissions stay as well, so nobody needs to make them after a flush.
    kept_up = post_migrate.receivers, DatabaseOperations.sql_flush
    post_migrate.receivers, DatabaseOperations.sql_flush = [], _what_was_written
    yield
    post_migrate.receivers, DatabaseOperations.sql_flush = kept_up


def _what_was_written(
    operations: DatabaseOperations, style: Any, tables: Iterable[str], **options: Any
) -> list[str]:
    """Return what deletes the rows of these tables, past the triggers that refuse it."""
    names = [operations.quote_name(name) for name in tables if name not in KEPT]
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        written = [name for (name,) in cursor.fetchall()]
    return [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in written),
    ]
