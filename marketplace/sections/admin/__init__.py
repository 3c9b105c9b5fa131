"""Sections in the console: their rules, their pins, what they hold, and what both sides say."""

from marketplace.sections.admin.brands import BrandPage
from marketplace.sections.admin.items import ItemPage
from marketplace.sections.admin.pages import SectionPage
from marketplace.sections.admin.regional import PairingPage, ProgrammePage

__all__ = ["BrandPage", "ItemPage", "PairingPage", "ProgrammePage", "SectionPage"]
