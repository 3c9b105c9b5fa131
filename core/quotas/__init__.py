"""Counted things that many people draw on at once and nobody may overdraw."""
