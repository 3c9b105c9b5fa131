"""A template that charges always knows what to charge."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("freight.charging_templates_have_a_default")
def charging_templates_have_a_default() -> Iterable[Finding]:
    """Check that every template but the free ones has its rule without regions."""
    return found(
        """
        SELECT template.id FROM freight_freighttemplate AS template
        WHERE template.mode <> 'FREE' AND NOT EXISTS (
            SELECT FROM freight_freightrule AS rule
            WHERE rule.template_id = template.id AND rule.regions = '{}')
        ORDER BY template.id
        """,
        "template {id}",
        "has no default rule",
    )
