from marketplace.sections.models.item import SectionItem
from marketplace.sections.models.member import SectionCount, SectionMember
from marketplace.sections.models.section import Section, SectionPin

__all__ = ["Section", "SectionCount", "SectionItem", "SectionMember", "SectionPin"]
