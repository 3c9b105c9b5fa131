"""How fast the market is, beside floors of the same run: `manage.py bench`, see docs/benchmarks.md.

Owns a large catalogue, a driver in a process of its own, the floors and the table. Asks a whole
market that it starts itself. Tells figures, and whether every promise held meanwhile.
"""
