"""Counted things that many people draw on at once and nobody may overdraw.

Owns quotas, their shards and the holds that explain them. Asks nobody.
Tells what is left, and refuses with `drawing.Exhausted`.
"""
