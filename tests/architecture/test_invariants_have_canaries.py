"""No invariant is believed that was never seen broken."""

from pathlib import Path

from django.conf import settings

from core import reconciling


def test_every_invariant_is_named_by_a_test_that_breaks_it():
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(settings.ROOT, "tests").rglob("test_*.py")
    )

    unseen = {name for name in reconciling.names() if f"{name.partition('.')[2]}" not in tests}

    assert unseen == set()
