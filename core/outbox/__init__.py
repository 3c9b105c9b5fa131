"""Facts on their way to whoever must act on them, lost never, late at worst."""
