"""Putting products at the top of a section by hand."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Max

from core.audit.actors import Actor
from core.errors import DomainError, NotFound
from core.outbox.recording import record
from core.periods import local_day
from core.regions.selectors import programmes
from core.transactions import needs_transaction
from marketplace.sections.domain.ranks import PIN_POSITION_MAX
from marketplace.sections.events import SectionChanged
from marketplace.sections.models import Section, SectionPin
from marketplace.sections.services import membership
from shops.catalogue.models import Product


class SectionOriginMismatch(DomainError):
    """The product does not come from where this section's goods come from."""

    code = "SECTION_ORIGIN_MISMATCH"
    zh = "该商品的产地不属于本专区。"
    status = 422


class TooManyPins(DomainError):
    """This section has no place left for another pin."""

    code = "TOO_MANY_PINS"
    zh = "本专区置顶商品数量已达上限。"


@needs_transaction
def pin(
    section: Section,
    product_reference: UUID,
    *,
    position: int | None,
    actor: Actor,
    now: datetime,
) -> SectionPin:
    """Pin a product, behind the other pins or at a position; a pin that is there moves.

    Raises:
        NotFound: there is no such product.
        SectionOriginMismatch: it comes from elsewhere.
        TooManyPins: the last position is taken.
    """
    product = product_of(product_reference)
    require_origin(section, product, now)
    place = position or _next_position(section)
    if place > PIN_POSITION_MAX:
        raise TooManyPins(limit=PIN_POSITION_MAX)
    found, _ = SectionPin.objects.update_or_create(
        section=section,
        product=product,
        defaults={"position": place},
        create_defaults={"position": place, "pinned_by_id": actor.user_id, "pinned_at": now},
    )
    _show(section, product, now)
    return found


@needs_transaction
def unpin(section: Section, product_reference: UUID, *, now: datetime) -> None:
    """Take a pin off; the product stays where the rule puts it, if it does.

    Raises:
        NotFound: the product is not pinned here.
    """
    product = product_of(product_reference)
    deleted, _ = SectionPin.objects.filter(section=section, product=product).delete()
    if not deleted:
        raise NotFound(subject="pin")
    _show(section, product, now)


def require_origin(section: Section, product: Product, now: datetime) -> None:
    """Refuse goods from elsewhere than a section's goods come from.

    Raises:
        SectionOriginMismatch: it comes from elsewhere.
    """
    places = {product.origin_county, product.origin_prefecture, product.origin_province}
    if section.regions and not places & set(section.regions):
        raise SectionOriginMismatch(origin=product.origin_county, regions=section.regions)
    held = programmes.of_county(product.origin_county, on=local_day(now))
    if section.programmes and not set(held) & set(section.programmes):
        raise SectionOriginMismatch(origin=product.origin_county, programmes=section.programmes)


def product_of(reference: UUID) -> Product:
    """Return a product.

    Raises:
        NotFound: there is none of that id.
    """
    found = Product.objects.filter(reference=reference).first()  # The reference is unique.
    if found is None:
        raise NotFound(subject="product")
    return found


def _next_position(section: Section) -> int:
    last = SectionPin.objects.filter(section=section).aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


def _show(section: Section, product: Product, now: datetime) -> None:
    Section.objects.filter(pk=section.pk).update(version=F("version") + 1)
    section.refresh_from_db()
    membership.refresh([product.pk], now=now)
    record(SectionChanged(section.pk, str(section.reference), section.version), now=now)
