"""What every page of the staff console has in common: how figures are typed and read.

Owns the fields, columns and the one kind of page that reads through a selector.
Asks nobody; the rooms' own `admin.py` call services.
"""
