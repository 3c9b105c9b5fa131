"""Sellers: their shops, who works there, their papers, and whether they may sell.

Owns shops, members and licences with their lives. Asks accounts who somebody is, uploads for the
pictures of papers, regions what a code means. Tells that a shop opened or closed.
"""
