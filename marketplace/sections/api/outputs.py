"""What the interface says about sections."""

from typing import Any

from rest_framework import serializers

from marketplace.sections.domain.kinds import SectionKind
from marketplace.sections.domain.states import SectionState
from marketplace.sections.models import Section, SectionPin
from shops.catalogue.api.outputs import NamedOutput
from shops.catalogue.selectors import tree


class RuleOutput(serializers.Serializer[Any]):
    """What a section picks by itself; each list that is not empty must be met."""

    regions = serializers.ListField(child=serializers.CharField())
    programmes = serializers.ListField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.UUIDField())


class PartnerOutput(serializers.Serializer[Any]):
    """An organisation that the market makes a section with."""

    name = serializers.CharField()
    region = serializers.CharField(allow_blank=True)


class SectionOutput(serializers.Serializer[Any]):
    """A hall of goods."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    intro = serializers.CharField()
    kind = serializers.ChoiceField(choices=SectionKind.choices)
    partner = PartnerOutput(allow_null=True)
    rule = RuleOutput()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    products = serializers.IntegerField(help_text="How many it shows now")


class StaffSectionOutput(SectionOutput):
    """A section as its managers see it."""

    state = serializers.ChoiceField(choices=SectionState.choices)
    position = serializers.IntegerField()
    version = serializers.IntegerField()


class OriginCountOutput(NamedOutput):
    """How much comes from a county."""

    products = serializers.IntegerField()


class CategoryCountOutput(serializers.Serializer[Any]):
    """How much belongs to a category."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    products = serializers.IntegerField()


class FacetsOutput(serializers.Serializer[Any]):
    """What a section holds; each list adds up to `products`."""

    products = serializers.IntegerField()
    origins = OriginCountOutput(many=True)
    categories = CategoryCountOutput(many=True)


class PinOutput(serializers.Serializer[Any]):
    """A product at the top of a section."""

    product = serializers.UUIDField()
    title = serializers.CharField()
    position = serializers.IntegerField()
    pinned_at = serializers.DateTimeField()


def section(row: Any) -> dict[str, Any]:
    """Return a section, annotated with how many products it shows."""
    return {
        "id": str(row.reference),
        "slug": row.slug,
        "name": row.name,
        "name_en": row.name_en,
        "intro": row.intro,
        "kind": row.kind,
        "partner": partner(row),
        "rule": {
            "regions": row.regions,
            "programmes": row.programmes,
            "categories": [str(tree.by_id(key).reference) for key in row.categories],
        },
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "products": getattr(row, "products", 0),
    }


def partner(row: Section) -> dict[str, Any] | None:
    """Return who a section is made with; the partner is at hand."""
    if row.partner is None:
        return None
    return {"name": row.partner.name, "region": row.partner.region}


def staff_section(row: Section) -> dict[str, Any]:
    """Return a section as its managers see it."""
    return section(row) | {"state": row.state, "position": row.position, "version": row.version}


def pin(row: SectionPin) -> dict[str, Any]:
    """Return a pin."""
    return {
        "product": str(row.product.reference),
        "title": row.product.title,
        "position": row.position,
        "pinned_at": row.pinned_at,
    }
