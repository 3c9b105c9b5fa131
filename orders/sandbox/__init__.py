"""A payment provider to practise with: it behaves like a real one and keeps its own books.

Owns charges, refunds and the notices it owes; exists only with the sandbox switched on.
Asks nobody in the house: it is the outside world.
Tells by signed callbacks over HTTP, late, twice, wrong or never when told to.
"""
