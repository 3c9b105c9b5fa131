"""Boxes on their way, and the carriers who bring them.

Owns parcels, what is in them, where they go and what carriers report.
Asks carriers for waybills, outside any transaction; learns of an order as plain data.
Tells when a parcel was handed over and signed for.
"""
