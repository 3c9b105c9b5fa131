"""Append-only double entry: where every fen came from and went.

Owns entries and their postings; debits are positive, credits negative. Asks nobody.
Tells balances; nothing here is ever changed or deleted.
"""
