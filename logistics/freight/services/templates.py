"""Write down what a shop charges for sending."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from core.errors import DomainError, Fault, InvalidInput
from core.regions.codes import Level
from core.regions.selectors import divisions
from core.transactions import needs_transaction, refusing
from logistics.freight.domain import checking
from logistics.freight.domain.tariff import Tariff
from logistics.freight.models import FreightFreeRule, FreightRule, FreightTemplate


class TemplateNameTaken(DomainError):
    """The shop has another freight template of this name."""

    code = "TEMPLATE_NAME_TAKEN"
    zh = "店铺已有同名的运费模板。"


class TemplateChanged(DomainError):
    """Somebody else has just changed this freight template; please read it again first."""

    code = "TEMPLATE_CHANGED"
    zh = "运费模板刚刚被他人修改，请刷新后再试。"


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as a shop wants it."""

    name: str
    tariff: Tariff
    promise_hours: int


@needs_transaction
def create(shop_id: int, draft: Draft, *, now: datetime) -> int:
    """Write down a new template; return its key.

    Raises:
        InvalidInput: the rules are not complete, contradict each other, or name no region.
        TemplateNameTaken: the shop has one of this name.
    """
    _refuse_faults(draft.tariff)
    with refusing({"freight_freighttemplate_name_once_per_shop": TemplateNameTaken}):
        template = FreightTemplate.objects.create(
            shop_id=shop_id, created_at=now, changed_at=now, **_columns(draft)
        )
    _write_rules(template.pk, draft.tariff)
    return template.pk


@needs_transaction
def edit(template: FreightTemplate, draft: Draft, *, now: datetime) -> None:
    """Replace what a template says; orders placed before keep the freight they were quoted.

    Raises:
        InvalidInput: the rules are not complete, contradict each other, or name no region.
        TemplateNameTaken: the shop has another one of this name.
        TemplateChanged: it is not as the caller read it.
    """
    _refuse_faults(draft.tariff)
    as_read = FreightTemplate.objects.filter(pk=template.pk, version=template.version)
    with refusing({"freight_freighttemplate_name_once_per_shop": TemplateNameTaken}):
        if not as_read.update(version=F("version") + 1, changed_at=now, **_columns(draft)):
            raise TemplateChanged
    FreightRule.objects.filter(template_id=template.pk).delete()
    FreightFreeRule.objects.filter(template_id=template.pk).delete()
    _write_rules(template.pk, draft.tariff)


def _columns(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "charge_by": draft.tariff.charge_by,
        "mode": draft.tariff.mode,
        "no_ship_regions": sorted(draft.tariff.no_ship_regions),
        "promise_hours": draft.promise_hours,
    }


def _write_rules(template_id: int, tariff: Tariff) -> None:
    FreightRule.objects.bulk_create(
        FreightRule(
            template_id=template_id,
            position=position,
            regions=sorted(rule.regions),
            first_unit=rule.first_unit,
            first_fee_fen=rule.first_fee_fen,
            add_unit=rule.add_unit,
            add_fee_fen=rule.add_fee_fen,
        )
        for position, rule in enumerate(tariff.rules)
    )
    FreightFreeRule.objects.bulk_create(
        FreightFreeRule(
            template_id=template_id,
            position=position,
            regions=sorted(rule.regions),
            min_pieces=rule.min_pieces,
            min_weight_g=rule.min_weight_g,
            min_amount_fen=rule.min_amount_fen,
        )
        for position, rule in enumerate(tariff.free_rules)
    )


def _refuse_faults(tariff: Tariff) -> None:
    faults = [*checking.faults_of(tariff), *_region_faults(tariff), *_nowhere(tariff)]
    if faults:
        raise InvalidInput(faults)


def _region_faults(tariff: Tariff) -> Iterator[Fault]:
    named = [("/no_ship_regions", tariff.no_ship_regions)]
    named += [(f"/rules/{at}/regions", rule.regions) for at, rule in enumerate(tariff.rules)]
    named += [
        (f"/free_rules/{at}/regions", rule.regions) for at, rule in enumerate(tariff.free_rules)
    ]
    every = frozenset().union(*(regions for _, regions in named))
    if not every:
        return
    in_force = set(divisions.listed().filter(code__in=every).values_list("code", flat=True))
    known = divisions.names(every - in_force)
    for pointer, regions in named:
        for code in sorted(regions - in_force):
            refusal = divisions.RetiredRegion if code in known else divisions.UnknownRegion
            yield Fault(pointer, refusal.code, f"{code}: {refusal.__doc__}")


def _nowhere(tariff: Tariff) -> Iterator[Fault]:
    if tariff.no_ship_regions:
        provinces = set(divisions.listed(level=Level.PROVINCE).values_list("code", flat=True))
        if provinces <= tariff.no_ship_regions:
            yield Fault("/no_ship_regions", "NO_SHIP_EVERYWHERE", "It must send somewhere.")
