"""Everybody at once: more checkouts than can be placed, and a flash sale before a crowd."""
