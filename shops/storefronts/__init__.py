"""Shops, their members, licences and review."""
