"""How it travels.

Owns freight templates, parcels and the carriers' scans.
Asks `shops` and `core`; learns of an order as plain data.
Tells when a parcel was collected or signed for.
"""
