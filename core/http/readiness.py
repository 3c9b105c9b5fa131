"""Whether this process can serve: its database, its broker, and the shape of its tables."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import RedisError

from core.outbox import pulse

log = structlog.get_logger(__name__)


class Behind(RuntimeError):
    """The database has not seen every migration of this release."""


class _Migrations:
    """Asked until they are all applied, and not again: a release never unapplies its own."""

    def __init__(self) -> None:
        self.are_applied = False

    def check(self) -> None:
        if self.are_applied:
            return
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise Behind
        self.are_applied = True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    pulse.client().ping()


_CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _Migrations().check,
}


def missing() -> list[str]:
    """Return what is not ready, by name; nothing when all is well."""
    absent = []
    for name, check in _CHECKS.items():
        try:
            check()
        except (DatabaseError, RedisError, Behind) as failure:
            log.warning("not_ready", which=name, reason=type(failure).__name__)
            absent.append(name)
    return absent
