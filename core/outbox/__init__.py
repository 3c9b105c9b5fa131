"""Facts on their way to whoever must act on them: lost never, late at worst.

Owns messages and their deliveries, the doorbell to the workers, the sweep and the heartbeats.
Asks nobody. Tells whatever the rooms above record.
"""
