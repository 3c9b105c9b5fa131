"""What sections tell."""

from dataclasses import dataclass

from core.outbox.events import event


@event("sections.section_changed")
@dataclass(frozen=True, slots=True)
class SectionChanged:
    """A section's rule, its pins or its life changed: choose its members anew."""

    section_id: int
    section_reference: str
    version: int
