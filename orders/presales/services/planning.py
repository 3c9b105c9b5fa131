"""Pre-sales as shops plan them: a price, pieces set apart, and what is promised for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.audit.advancing import log_birth
from core.errors import InvalidInput
from core.transactions import needs_transaction
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.services import activities
from orders.presales.domain import arithmetic
from orders.presales.domain.states import PRESALE, DefaultRule, PresaleKind, PresaleState
from orders.presales.models import PresaleTerms
from shops.catalogue.models import Sku
from shops.storefronts.models import Shop


@dataclass(frozen=True, slots=True)
class Draft:
    """A pre-sale as its shop wants it; deposits are those of one piece."""

    sku: UUID
    kind: str
    price_fen: int
    quantity: int
    starts_at: datetime
    ends_at: datetime
    ship_from: datetime
    ship_until: datetime
    per_user_limit: int | None = None
    deposit_fen: int | None = None
    deposit_worth_fen: int | None = None
    balance_from: datetime | None = None
    balance_until: datetime | None = None
    forecast_g: int | None = None
    factor_bp: int | None = None
    default_rule: str | None = None
    compensation_fen: int = 0

    @property
    def rule(self) -> str:
        """Return what a default brings: the deposit twice, unless it was agreed otherwise."""
        usual = DefaultRule.DOUBLE if self.deposit_fen else DefaultRule.SINGLE
        return self.default_rule or usual


@needs_transaction
def plan(shop: Shop, draft: Draft, *, actor: Actor, now: datetime) -> PresaleTerms:
    """Plan a pre-sale of one of a shop's own SKUs; its pieces leave the stock at once.

    Raises:
        InvalidInput: the SKU is not the shop's, the parts do not fit each other, the deposit is too
            high, more is promised than the harvest allows, or what `schedule` finds wrong.
        ActivityOverlap, StockTooLow: as `schedule` says.
    """
    sku = Sku.objects.filter(reference=draft.sku, product__shop=shop).first()
    if sku is None:
        raise InvalidInput.at("/sku", "SKU_NOT_FOUND", str(draft.sku))
    _insist_on_parts(draft)
    _insist_on_times(draft)
    _insist_on_deposit(draft)
    _insist_on_harvest(draft, sku)
    activity = activities.schedule(
        activities.Planned(
            kind=ActivityKind.PRESALE,
            sku_id=sku.pk,
            price_fen=draft.price_fen,
            quantity=draft.quantity,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            per_user_limit=draft.per_user_limit,
            deposit_fen=draft.deposit_fen,
            deposit_worth_fen=draft.deposit_worth_fen,
        ),
        actor=actor,
        now=now,
    )
    terms = PresaleTerms.objects.create(
        activity=activity,
        kind=draft.kind,
        ship_from=draft.ship_from,
        ship_until=draft.ship_until,
        balance_from=draft.balance_from,
        balance_until=draft.balance_until,
        forecast_g=draft.forecast_g,
        factor_bp=draft.factor_bp,
        pieces=draft.quantity,
        piece_net_g=sku.net_weight_g,
        default_rule=draft.rule,
        compensation_fen=arithmetic.compensation_fen(
            draft.rule, draft.deposit_fen or 0, draft.compensation_fen
        ),
    )
    log_birth(PRESALE, [terms.pk], PresaleState.OPEN, actor=actor, now=now)
    return terms


def _insist_on_parts(draft: Draft) -> None:
    is_in_two = draft.kind == PresaleKind.DEPOSIT
    for name in ("deposit_fen", "deposit_worth_fen", "balance_from", "balance_until"):
        if (getattr(draft, name) is not None) != is_in_two:
            raise InvalidInput.at(
                f"/{name}", "DEPOSIT", "It comes with the kind DEPOSIT, and only with it."
            )
    if (draft.forecast_g is None) != (draft.factor_bp is None):
        missing = "factor_bp" if draft.factor_bp is None else "forecast_g"
        raise InvalidInput.at(f"/{missing}", "FORECAST", "A forecast comes with its factor.")
    if draft.rule == DefaultRule.DOUBLE and not is_in_two:
        raise InvalidInput.at("/default_rule", "DEPOSIT", "Only a deposit is given back twice.")
    if draft.rule == DefaultRule.DOUBLE and draft.compensation_fen:
        raise InvalidInput.at(
            "/compensation_fen", "DEFAULT_RULE", "Under DOUBLE it is the deposit."
        )


def _insist_on_times(draft: Draft) -> None:
    _in_order(draft.ship_from, draft.ship_until, "ship_until")
    first = draft.starts_at
    if draft.balance_from is not None and draft.balance_until is not None:
        _in_order(draft.balance_from, draft.balance_until, "balance_until")
        if draft.balance_from < draft.ends_at:
            raise InvalidInput.at("/balance_from", "WINDOW_NOT_FORWARD", "balance_from < ends_at")
        first = draft.balance_from
    if draft.ship_from < first:
        raise InvalidInput.at("/ship_from", "WINDOW_NOT_FORWARD", first.isoformat())


def _in_order(begins: datetime, ends: datetime, name: str) -> None:
    if ends <= begins:
        raise InvalidInput.at(f"/{name}", "WINDOW_NOT_FORWARD", begins.isoformat())


def _insist_on_deposit(draft: Draft) -> None:
    if draft.deposit_fen is None or draft.deposit_worth_fen is None:
        return
    if draft.deposit_worth_fen < draft.deposit_fen:
        raise InvalidInput.at("/deposit_worth_fen", "WORTH_BELOW_DEPOSIT", str(draft.deposit_fen))
    if draft.deposit_worth_fen > draft.price_fen:
        raise InvalidInput.at("/deposit_worth_fen", "WORTH_ABOVE_PRICE", str(draft.price_fen))
    most_fen = arithmetic.deposit_max_fen(
        draft.price_fen, draft.deposit_worth_fen - draft.deposit_fen
    )
    if draft.deposit_fen > most_fen:
        raise InvalidInput.at("/deposit_fen", "DEPOSIT_TOO_HIGH", str(most_fen))


def _insist_on_harvest(draft: Draft, sku: Sku) -> None:
    if draft.forecast_g is None or draft.factor_bp is None:
        return
    most_g = arithmetic.promised_max_g(draft.forecast_g, draft.factor_bp)
    if draft.quantity * sku.net_weight_g > most_g:
        raise InvalidInput.at("/quantity", "FORECAST_EXCEEDED", str(most_g))
