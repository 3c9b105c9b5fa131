"""What was sold, by whom it was paid, and which county earned it."""
