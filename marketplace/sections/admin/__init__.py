"""Sections in the console: their rules, their pins, what they hold, and what both sides say."""

from marketplace.sections.admin.brands import BrandPage
from marketplace.sections.admin.items import ItemPage
from marketplace.sections.admin.pages import SectionPage

__all__ = ["BrandPage", "ItemPage", "SectionPage"]
