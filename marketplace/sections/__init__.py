"""Halls of the market: "Hubei", "832", picked by rule and by hand.

Owns sections, their pins, and the materialised rows that their pages walk.
Asks `shops.catalogue` for prepared cards and `core.regions` for places and programmes.
Tells when a section has changed, so that its members are chosen anew.
"""
