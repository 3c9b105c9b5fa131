"""A carrier to practise with: it behaves like a real one and keeps its own books.

Owns waybills and the scans it owes; exists only with the sandbox switched on.
Asks nobody in the house: it is the outside world.
Tells by signed callbacks over HTTP, in an aggregator's state codes.
"""
