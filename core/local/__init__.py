"""The one command: real servers and processes on a machine that has only Python.

Owns the environment's folder, embedded PostgreSQL and Valkey, and the supervisor of a local run.
Asks nobody: nothing here knows Django's models, and nothing else in the house imports it.
Tells where to look once everything answers.
"""
