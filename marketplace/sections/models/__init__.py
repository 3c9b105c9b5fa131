from marketplace.sections.models.brand import BrandAuthorisation, BrandMark, RegionalBrand
from marketplace.sections.models.item import SectionItem
from marketplace.sections.models.member import SectionCount, SectionMember
from marketplace.sections.models.section import ExternalListing, Section, SectionPin

__all__ = [
    "BrandAuthorisation",
    "BrandMark",
    "ExternalListing",
    "RegionalBrand",
    "Section",
    "SectionCount",
    "SectionItem",
    "SectionMember",
    "SectionPin",
]
