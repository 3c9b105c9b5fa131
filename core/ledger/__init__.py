"""Append-only double entry: where every fen came from and went."""
