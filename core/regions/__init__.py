"""Administrative regions over time, and the programmes they belong to.

Owns the six-digit division codes to county level, with names, pinyin, coordinates and validity,
and the dated membership of counties in programmes such as `832`.
Asks nobody; the facts ship in `data/`. Tells nothing: everybody reads.
"""
