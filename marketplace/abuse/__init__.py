"""Who takes what is meant for many.

Owns traces: from which device, network, recipient and address things were claimed and ordered, as
keyed hashes that nobody can read back. Asks shops who works in them. Tells whoever hands out money
or goods whether a deed is allowed, to be looked at, or refused, before any quota is touched.
"""
