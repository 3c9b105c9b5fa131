"""People, how they sign in, where they live, and what they may do.

Owns users, codes, sessions, addresses, organisations with a region, roles and mandates; seals
what is personal. Asks regions what a code means. Tells nobody: everybody above asks.
"""
