"""Boxes on their way, and the carriers who bring them."""
