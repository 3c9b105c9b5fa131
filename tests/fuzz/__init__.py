"""Strangers at every address: what the document allows, what it forbids, and bombs.

`seeding` puts real things into a market and writes down one good request for every operation;
`drive`, in an environment of its own, sends those and thousands made from the document by every
kind of caller; `bombs` sends files that want to be larger than they are. Nothing may be answered
by a server error, nor by a status that the document does not name.
"""
