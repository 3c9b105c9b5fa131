"""What races need of the machine."""

import pytest

from core import transactions


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever queues up behind a crowd on a slow machine is not told to come back later."""
    monkeypatch.setattr(transactions, "LOCK_TIMEOUT_MS", 20_000)
