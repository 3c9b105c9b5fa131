"""A shop's freight templates, complete with their rules."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from core.errors import NotFound
from logistics.freight.domain.tariff import ChargeBy, FreeRule, Mode, Rule, Tariff
from logistics.freight.models import FreightFreeRule, FreightRule, FreightTemplate


def of_shop(shop_id: int) -> QuerySet[FreightTemplate]:
    """Return the templates of a shop, ready to be shown."""
    return _complete().filter(shop_id=shop_id).order_by("-id")


def of_member(user_id: int, reference: UUID | str) -> FreightTemplate:
    """Return a template of a shop somebody works in, ready to be shown.

    Raises:
        NotFound: there is no such template, or they do not work in its shop.
    """
    try:
        return _complete().get(reference=reference, shop__members__user_id=user_id)
    except FreightTemplate.DoesNotExist:
        raise NotFound(subject="freight_template") from None


def is_of_shop(shop_id: int, reference: UUID | str) -> bool:
    """Tell whether a shop has this template."""
    return FreightTemplate.objects.filter(shop_id=shop_id, reference=reference).exists()


def tariff_of(template: FreightTemplate) -> Tariff:
    """Return a complete template as figures."""
    return Tariff(
        charge_by=ChargeBy(template.charge_by),
        mode=Mode(template.mode),
        rules=tuple(
            Rule(
                frozenset(rule.regions),
                rule.first_unit,
                rule.first_fee_fen,
                rule.add_unit,
                rule.add_fee_fen,
            )
            for rule in template.rules.all()
        ),
        free_rules=tuple(
            FreeRule(
                frozenset(rule.regions), rule.min_pieces, rule.min_weight_g, rule.min_amount_fen
            )
            for rule in template.free_rules.all()
        ),
        no_ship_regions=frozenset(template.no_ship_regions),
    )


def _complete() -> QuerySet[FreightTemplate]:
    return FreightTemplate.objects.prefetch_related(
        Prefetch("rules", FreightRule.objects.order_by("position")),
        Prefetch("free_rules", FreightFreeRule.objects.order_by("position")),
    )
