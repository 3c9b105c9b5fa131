"""Themed venues: a rule with pins, and its members kept current."""
