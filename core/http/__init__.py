"""What every answer has in common: problems, pages, idempotency, limits, health."""
