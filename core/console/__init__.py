"""The staff console: its one kind of page, how figures are typed and read, who may see what.

Owns the pages of core's own rooms; every other room has its pages in its `admin.py`.
Asks `accounts` who holds which role. Tells nobody: every change is a call of a service.
"""
