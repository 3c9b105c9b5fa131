"""Who changed the state of what, for whom, when and why.

Owns the state log and the one way to advance a state: by compare-and-set, with its log row.
Asks nobody. Tells nobody: services record their own events.
"""
