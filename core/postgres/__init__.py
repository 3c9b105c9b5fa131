"""PostgreSQL as this market uses it: no question to the server that was not asked for.

Owns how a connection is found to be alive, and that statements are planned once. Asks and tells
nobody; settings name it as their engine.
"""
