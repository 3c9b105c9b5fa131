"""Pricing and placing orders, and their life until completion."""
