"""The ground everybody stands on: money, states, quotas, ledger, outbox, people, regions.

Owns the mechanisms, one of each, and the facts that every other package refers to.
Asks nobody. Tells through events that the packages above listen to.
"""
