"""What shops offer to campaigns: handed in, withdrawn, approved and rejected."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from core.audit.actors import Actor
from core.audit.advancing import advance, advance_one, log_birth
from core.errors import DomainError, IllegalTransition, NotFound
from core.transactions import needs_transaction, refusing
from marketplace.activities.domain.kinds import ActivityKind
from marketplace.activities.domain.states import ActivityState
from marketplace.activities.services import activities
from marketplace.campaigns.domain.drafts import Offer, Wrong
from marketplace.campaigns.domain.states import (
    CAMPAIGN,
    ENROLMENT,
    LIVE,
    PUBLIC,
    EnrolmentState,
)
from marketplace.campaigns.models import Campaign, Enrolment
from marketplace.campaigns.services import wrongs
from marketplace.sections.services import pins
from shops.catalogue.models import Sku
from shops.storefronts.models import Shop
from shops.storefronts.selectors import access


class EnrolmentClosed(DomainError):
    """This campaign takes no enrolments now."""

    code = "ENROLMENT_CLOSED"
    zh = "该活动当前不接受报名。"


class AlreadyEnrolled(DomainError):
    """This SKU is enrolled in this campaign already."""

    code = "ALREADY_ENROLLED"
    zh = "该规格已报名此活动。"


@needs_transaction
def enrol(
    shop: Shop, campaign_slug: str, offer: Offer, *, actor: Actor, now: datetime
) -> Enrolment:
    """Hand in what a shop offers to a campaign; nothing is set aside for it yet.

    Raises:
        NotFound: there is no such campaign.
        ShopNotOpen: the shop is closed.
        EnrolmentClosed: the campaign takes no enrolments now.
        InvalidInput: the SKU is not the shop's, or the price is not below its ordinary one.
        SectionOriginMismatch: the campaign is of a section, and the goods come from elsewhere.
        AlreadyEnrolled: the SKU is in it already.
    """
    access.require_open(shop)
    campaign = _locked_campaign(Campaign.objects.filter(slug=campaign_slug, state__in=PUBLIC))
    if campaign.state not in LIVE or not campaign.enrol_from <= now < campaign.enrol_until:
        raise EnrolmentClosed(
            enrol_from=campaign.enrol_from.isoformat(),
            enrol_until=campaign.enrol_until.isoformat(),
        )
    sku = _sku_of(shop, offer)
    if campaign.section is not None:
        pins.require_origin(campaign.section, sku.product, now)
    with refusing({"campaigns_enrolment_sku_once": AlreadyEnrolled}):
        enrolment = Enrolment.objects.create(
            campaign=campaign,
            shop=shop,
            sku=sku,
            price_fen=offer.price_fen,
            quantity=offer.quantity,
            per_user_limit=offer.per_user_limit,
            submitted_by_id=actor.user_id,
            submitted_at=now,
        )
    log_birth(ENROLMENT, [enrolment.pk], EnrolmentState.SUBMITTED, actor=actor, now=now)
    return enrolment


@needs_transaction
def withdraw(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Take an enrolment back that nobody has decided about.

    Raises:
        IllegalTransition: somebody has.
    """
    rows = Enrolment.objects.filter(pk=enrolment.pk)
    advance_one(rows, ENROLMENT, "withdraw", actor=actor, now=now, decided_at=now)


@needs_transaction
def approve(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Let a shop in: its pieces leave the stock, and are sold at the price while the campaign runs.

    Raises:
        IllegalTransition: somebody has decided, or the campaign is paused or over.
        ActivityOverlap: the SKU has another price at some instant of the campaign.
        StockTooLow: less than the pieces are neither sold nor set aside.
        InvalidInput: the ordinary price has fallen below the campaign's.
    """
    campaign = _locked_campaign(Campaign.objects.filter(pk=enrolment.campaign_id))
    if campaign.state not in LIVE or campaign.ends_at <= now:
        raise IllegalTransition(subject=CAMPAIGN.subject, action="approve")
    offered = _locked(enrolment.pk)
    if ENROLMENT.next_of(offered.state, "approve") is None:
        raise IllegalTransition(subject=ENROLMENT.subject, action="approve")
    # The quotas last: the one lock order.
    activity = activities.schedule(
        activities.Planned(
            kind=ActivityKind.PRICE,
            sku_id=offered.sku_id,
            price_fen=offered.price_fen,
            quantity=offered.quantity,
            per_user_limit=offered.per_user_limit,
            starts_at=max(campaign.starts_at, now),
            ends_at=campaign.ends_at,
            campaign_reference=campaign.reference,
        ),
        actor=actor,
        now=now,
    )
    advance_one(
        Enrolment.objects.filter(pk=offered.pk),
        ENROLMENT,
        "approve",
        actor=actor,
        now=now,
        activity=activity,
        decided_at=now,
        remark="",
    )


@needs_transaction
def reject(enrolment: Enrolment, *, actor: Actor, now: datetime, reason: str) -> None:
    """Turn a shop's offer down, or take back an approval: then its price ends at once.

    Raises:
        ReasonNeeded: nobody says why.
        IllegalTransition: it is rejected or withdrawn already.
    """
    if not reason.strip():
        raise wrongs.ReasonNeeded
    _locked_campaign(Campaign.objects.filter(pk=enrolment.campaign_id))
    offered = _locked(enrolment.pk)
    action = "revoke" if offered.state == EnrolmentState.APPROVED else "reject"
    advance_one(
        Enrolment.objects.filter(pk=offered.pk),
        ENROLMENT,
        action,
        actor=actor,
        now=now,
        reason=reason,
        activity=None,
        decided_at=now,
        remark=reason,
    )
    if offered.activity is not None and offered.activity.state != ActivityState.ENDED:
        activities.end(offered.activity, actor=actor, now=now, reason=reason)


@needs_transaction
def suspend_all(campaign_id: int, *, actor: Actor, now: datetime, reason: str) -> None:
    """Have what was approved wait for another approval; whoever calls ends the prices."""
    advance(
        Enrolment.objects.filter(pk__in=_locked_in([campaign_id], EnrolmentState.APPROVED)),
        ENROLMENT,
        "suspend",
        actor=actor,
        now=now,
        reason=reason,
        activity=None,
        decided_at=None,
        remark=reason,
    )


@needs_transaction
def reject_all(campaign_id: int, *, actor: Actor, now: datetime, reason: str) -> None:
    """Turn down everything that a campaign holds; whoever calls ends the prices."""
    suspend_all(campaign_id, actor=actor, now=now, reason=reason)
    lapse([campaign_id], actor=actor, now=now, reason=reason)


@needs_transaction
def lapse(campaign_ids: Iterable[int], *, actor: Actor, now: datetime, reason: str) -> None:
    """Turn down what nobody has decided about in campaigns that are over."""
    advance(
        Enrolment.objects.filter(pk__in=_locked_in(campaign_ids, EnrolmentState.SUBMITTED)),
        ENROLMENT,
        "reject",
        actor=actor,
        now=now,
        reason=reason,
        decided_at=now,
        remark=reason,
    )


def _locked_campaign(rows: QuerySet[Campaign]) -> Campaign:
    # Whoever stops the campaign waits until this is done, or it is seen to have stopped.
    found = rows.select_related("section").select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NotFound(subject="campaign")
    return found


def _locked(key: int) -> Enrolment:
    rows = Enrolment.objects.select_related("activity__sku")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=key)


def _locked_in(campaign_ids: Iterable[int], state: EnrolmentState) -> list[int]:
    # In the order of keys: an UPDATE over several rows locks in none.
    rows = Enrolment.objects.filter(campaign__in=list(campaign_ids), state=state)
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def _sku_of(shop: Shop, offer: Offer) -> Sku:
    sku = Sku.objects.select_related("product").filter(reference=offer.sku).first()  # Unique.
    if sku is None:
        raise wrongs.refusal_of([Wrong("/sku", "UNKNOWN")])
    if sku.product.shop_id != shop.pk:
        raise wrongs.refusal_of([Wrong("/sku", "OUTSIDE_THE_SHOP")])
    if offer.price_fen >= sku.price_fen:
        raise wrongs.refusal_of([Wrong("/price_fen", "PRICE_NOT_BELOW_LIST")])
    return sku
