import pytest

from tests.support import desk


@pytest.fixture
def boss():
    """Somebody who may see everything, in front of a browser."""
    return desk.seat(desk.superuser())


@pytest.fixture
def market(now):
    """One thing of every kind."""
    return desk.fill(now)
