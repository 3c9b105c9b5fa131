"""Sections in the console: their rules, their pins, and what they hold."""

from marketplace.sections.admin.pages import SectionPage

__all__ = ["SectionPage"]
