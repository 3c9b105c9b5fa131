"""The papers of a shop: handed in, accepted, revoked, run out."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from core.accounts.sealing import blind_index
from core.audit.actors import SYSTEM, Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import Fault, InvalidInput
from core.outbox.recording import record
from core.periods import local_day
from core.transactions import entry, needs_transaction
from core.uploads.models import Purpose, Upload
from core.uploads.services import handing_in
from shops.storefronts.domain import licensing
from shops.storefronts.domain.licensing import LicenceKind
from shops.storefronts.domain.states import LICENCE, SHOP, LicenceState, ShopState
from shops.storefronts.events import ShopClosed
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors import papers
from shops.storefronts.services import reviewing
from shops.storefronts.services.founding import ShopLocked

WARN_BEFORE = timedelta(days=30)
# A declaration is said, not photographed; every other paper is seen by the reviewer.
SAID_ONLY = frozenset({LicenceKind.ORIGIN_DECLARATION})


@needs_transaction
def hand_in(
    shop: Shop,
    kind: str,
    *,
    number: str = "",
    upload_reference: UUID | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    actor: Actor,
    now: datetime,
) -> Licence:
    """Add a paper to a shop; it waits for review.

    Raises:
        InvalidInput: the number or the picture is missing, or it has run out already.
        NotFound: the upload is not the caller's, or too old.
        ShopLocked: a reviewer is looking at what was handed in before.
    """
    _require_sense(kind, number, upload_reference, valid_until, local_day(now))
    # Nothing may be slipped under what a reviewer is looking at; a new version tells them.
    unwatched = Shop.objects.filter(pk=shop.pk).exclude(state=ShopState.IN_REVIEW)
    if not unwatched.update(version=F("version") + 1):
        raise ShopLocked(state=ShopState.IN_REVIEW.value)
    licence = Licence.objects.create(
        shop=shop,
        kind=kind,
        number=number,
        number_index=blind_index("licence", f"{kind} {number.upper()}") if number else "",
        upload=_upload(upload_reference, actor, now),
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=now,
    )
    log_birth(LICENCE, [licence.pk], LicenceState.PENDING, actor=actor, now=now)
    return licence


@needs_transaction
def accept(licence: Licence, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Find a paper good.

    Raises:
        OwnShop: the reviewer works in the shop.
        IllegalTransition: it was decided about already.
    """
    reviewing.require_distance(licence.shop_id, actor)
    chosen = Licence.objects.filter(pk=licence.pk)
    advance_one(chosen, LICENCE, "accept", actor=actor, now=now, reason=reason)


@needs_transaction
def revoke(licence: Licence, *, actor: Actor, now: datetime, reason: str) -> None:
    """Find a paper bad; a shop that needs it closes.

    Raises:
        OwnShop: the reviewer works in the shop.
        IllegalTransition: it has run out or was revoked already.
    """
    reviewing.require_distance(licence.shop_id, actor)
    chosen = Licence.objects.filter(pk=licence.pk)
    advance_one(chosen, LICENCE, "revoke", actor=actor, now=now, reason=reason)
    _close_without_papers([licence.shop_id], now=now)


@entry
def expire_due(*, now: datetime, limit: int = 500) -> int:
    """Let papers run out on their day and close the shops that needed them; return how many."""
    today = local_day(now)
    due = _due(Q(state__in=papers.LIVING, valid_until__lte=today), limit)
    expired = Licence.objects.filter(pk__in=due)
    moved = advance(expired, LICENCE, "expire", actor=SYSTEM, now=now, reason="ran out")
    shops = Licence.objects.filter(pk__in=moved).values_list("shop_id", flat=True)
    _close_without_papers(sorted(set(shops)), now=now)
    return len(moved)


@entry
def warn_due(*, now: datetime, limit: int = 500) -> int:
    """Mark papers that run out within 30 days; return how many."""
    soon = local_day(now) + WARN_BEFORE
    due = _due(Q(state=LicenceState.VALID, valid_until__lte=soon), limit)
    return len(advance(Licence.objects.filter(pk__in=due), LICENCE, "warn", actor=SYSTEM, now=now))


def _due(condition: Q, limit: int) -> list[int]:
    rows = Licence.objects.select_for_update(skip_locked=True, of=("self",)).filter(condition)
    return list(rows.order_by("valid_until", "id").values_list("pk", flat=True)[:limit])


def _close_without_papers(shop_ids: list[int], *, now: datetime) -> None:
    shops = Shop.objects.filter(pk__in=shop_ids, state=ShopState.OPEN).order_by("pk")
    lacking = [shop for shop in shops if not _keeps_enough(shop, local_day(now))]
    closed = advance(
        Shop.objects.filter(pk__in=[shop.pk for shop in lacking]),
        SHOP,
        "suspend",
        actor=SYSTEM,
        now=now,
        reason="A paper ran out. 证照已过期。",
        decision_reason="A paper ran out. 证照已过期。",
        version=F("version") + 1,
    )
    record(
        *(
            ShopClosed(shop_id=shop.pk, shop_reference=str(shop.reference))
            for shop in lacking
            if shop.pk in closed
        ),
        now=now,
    )


def _keeps_enough(shop: Shop, today: date) -> bool:
    return set(licensing.to_open(shop.kind)) <= papers.kinds_held(
        shop.pk, papers.ACCEPTED, on=today
    )


def _upload(reference: UUID | None, actor: Actor, now: datetime) -> Upload | None:
    if reference is None:
        return None
    return handing_in.claim(actor.user_id or 0, reference, Purpose.LICENCE, now=now)


def _require_sense(
    kind: str, number: str, upload: UUID | None, valid_until: date | None, today: date
) -> None:
    faults = []
    if kind not in SAID_ONLY and not number:
        faults.append(Fault("/number", "REQUIRED", "Write its number. 请填写证照号码。"))
    if kind not in SAID_ONLY and upload is None:
        faults.append(Fault("/upload", "REQUIRED", "Hand in a picture. 请上传证照照片。"))
    if valid_until is not None and valid_until <= today:
        faults.append(Fault("/valid_until", "RUN_OUT", "It has run out. 证照已过期。"))
    if faults:
        raise InvalidInput(faults)
