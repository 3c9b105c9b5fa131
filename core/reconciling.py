"""Promises that are checked from scratch: every room names its own, one command asks them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

# One broken promise may have a million findings; nobody reads more than these.
FINDINGS_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    """What asking one invariant gave: nothing found means that it holds."""

    name: str
    broken: int
    findings: tuple[Finding, ...]

    @property
    def is_held(self) -> bool:
        """Tell whether the promise holds."""
        return self.broken == 0


Check = Callable[[], Iterable[Finding]]

_checks: dict[str, Check] = {}


def invariant(name: str) -> Callable[[Check], Check]:
    """Name a promise and how to check it; the check yields what it finds broken."""

    def register(check: Check) -> Check:
        if _checks.setdefault(name, check).__qualname__ != check.__qualname__:
            raise ValueError(f"two invariants are called {name}")
        return check

    return register


def found(sql: str, subject: str, detail: str) -> Iterable[Finding]:
    """Yield a finding for each row of a query; the words are filled from the row by name."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        yield Finding(subject.format(**row), detail.format(**row))


def names() -> list[str]:
    """Return the names of all invariants in alphabetical order."""
    return sorted(_checks)


def run(only: Iterable[str] | None = None) -> list[Result]:
    """Check every invariant, or the named ones; repair nothing."""
    return [_result(name) for name in (names() if only is None else sorted(only))]


def _result(name: str) -> Result:
    findings = list(_checks[name]())
    return Result(name, len(findings), tuple(findings[:FINDINGS_SHOWN_MAX]))
