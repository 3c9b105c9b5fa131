"""Ten minutes in which everything that can break does, under load, and the books afterwards."""
