"""What the API answers about campaigns and enrolments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.http.problems import sentence_of
from marketplace.campaigns.domain.kinds import CampaignKind
from marketplace.campaigns.domain.states import (
    CAMPAIGN,
    ENROLMENT,
    CampaignState,
    EnrolmentState,
)
from marketplace.campaigns.models import Enrolment
from marketplace.campaigns.selectors import calendar
from marketplace.campaigns.services.campaigns import ACTIONS
from marketplace.campaigns.services.reviewing import Outcome
from marketplace.coupons.api.outputs import OfferOutput
from shops.catalogue.api.outputs import CardOutput
from shops.catalogue.selectors import cards


class CampaignOutput(serializers.Serializer[Any]):
    """A campaign as anybody sees it; where it stands is said by the clock."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    kind = serializers.ChoiceField(choices=CampaignKind.choices)
    state = serializers.ChoiceField(choices=CampaignState.choices)
    name = serializers.CharField()
    name_en = serializers.CharField()
    intro = serializers.CharField()
    intro_en = serializers.CharField()
    section = serializers.CharField(allow_null=True, help_text="Slug of its section.")
    organisation = serializers.CharField(allow_blank=True)
    enrol_from = serializers.DateTimeField()
    enrol_until = serializers.DateTimeField()
    preheats_at = serializers.DateTimeField(help_text="From then on it is announced.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    skus = serializers.IntegerField(help_text="How many are sold in it.")


class StaffCampaignOutput(CampaignOutput):
    """A campaign as those see it who run it."""

    budget = serializers.UUIDField(allow_null=True)
    waiting = serializers.IntegerField(help_text="Enrolments that nobody has decided about.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    over_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
    server_time = serializers.DateTimeField()


class CampaignPriceOutput(serializers.Serializer[Any]):
    """What one SKU costs while the campaign runs."""

    activity = serializers.UUIDField()
    sku = serializers.UUIDField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    quantity = serializers.IntegerField()
    per_user_limit = serializers.IntegerField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class CampaignGoodsOutput(CardOutput):
    """A product of a campaign: its card, and what it costs while the campaign runs."""

    campaign_price = CampaignPriceOutput()


class CampaignPageOutput(CampaignOutput):
    """The page of a campaign: its first goods, and the coupons of its budget."""

    products = CampaignGoodsOutput(many=True)
    coupons = OfferOutput(many=True)


class EnrolledCampaignOutput(serializers.Serializer[Any]):
    """The campaign of an enrolment."""

    slug = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()


class EnrolledShopOutput(serializers.Serializer[Any]):
    """The shop that offers it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class EnrolledSkuOutput(serializers.Serializer[Any]):
    """What is offered, and what it costs otherwise."""

    id = serializers.UUIDField()
    spec = serializers.CharField()
    price_fen = serializers.IntegerField()


class EnrolledProductOutput(serializers.Serializer[Any]):
    """The product it is a size of."""

    id = serializers.UUIDField()
    title = serializers.CharField()


class EnrolmentOutput(serializers.Serializer[Any]):
    """What a shop offers to a campaign."""

    id = serializers.UUIDField()
    campaign = EnrolledCampaignOutput()
    shop = EnrolledShopOutput()
    product = EnrolledProductOutput()
    sku = EnrolledSkuOutput()
    state = serializers.ChoiceField(choices=EnrolmentState.choices)
    price_fen = serializers.IntegerField()
    quantity = serializers.IntegerField()
    per_user_limit = serializers.IntegerField(allow_null=True)
    activity = serializers.UUIDField(allow_null=True)
    remark = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class RefusedOutput(serializers.Serializer[Any]):
    """Why one of many was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()


class OutcomeOutput(serializers.Serializer[Any]):
    """What became of one of many: where it stands now, or why it was refused."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=EnrolmentState.choices, allow_null=True)
    refusal = RefusedOutput(allow_null=True)


class OutcomesOutput(serializers.Serializer[Any]):
    """What became of each, in the order asked for."""

    outcomes = OutcomeOutput(many=True)


def campaign(row: Any, now: datetime) -> dict[str, Any]:
    """Return a campaign as anybody sees it."""
    return {
        "id": row.reference,
        "slug": row.slug,
        "kind": row.kind,
        "state": calendar.standing(row, now),
        "name": row.name,
        "name_en": row.name_en,
        "intro": row.intro,
        "intro_en": row.intro_en,
        "section": row.section and row.section.slug,
        "organisation": row.organisation.name if row.organisation else "",
        "enrol_from": row.enrol_from,
        "enrol_until": row.enrol_until,
        "preheats_at": row.preheats_at,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "skus": row.approved,
    }


def staff_campaign(row: Any, now: datetime) -> dict[str, Any]:
    """Return a campaign as those see it who run it, with what may be done now."""
    stands = calendar.standing(row, now)
    return campaign(row, now) | {
        "budget": row.budget and row.budget.reference,
        "waiting": row.submitted,
        "version": row.version,
        "created_at": row.created_at,
        "over_at": row.over_at,
        "allowed_actions": [act for act in CAMPAIGN.actions_in(stands) if act in ACTIONS],
        "server_time": now,
    }


def goods_at(now: datetime) -> Callable[[Enrolment], dict[str, Any]]:
    """Return what a campaign's page says of what it sells, as it is at an instant."""
    card_of = cards.shown_at(now)

    def goods(row: Enrolment) -> dict[str, Any]:
        activity: Any = row.activity
        return card_of(row.sku.product.card) | {
            "campaign_price": {
                "activity": activity.reference,
                "sku": row.sku.reference,
                "spec": row.sku.spec,
                "price_fen": activity.price_fen,
                "list_price_fen": activity.list_price_fen,
                "quantity": activity.quantity,
                "per_user_limit": activity.per_user_limit,
                "starts_at": activity.starts_at,
                "ends_at": activity.ends_at,
            }
        }

    return goods


def enrolment(row: Enrolment) -> dict[str, Any]:
    """Return what a shop offers to a campaign."""
    shown = ("state", "price_fen", "quantity", "per_user_limit", "remark")
    return {
        "id": row.reference,
        "campaign": {
            "slug": row.campaign.slug,
            "name": row.campaign.name,
            "name_en": row.campaign.name_en,
        },
        "shop": {"id": row.shop.reference, "slug": row.shop.slug, "name": row.shop.name},
        "product": {"id": row.sku.product.reference, "title": row.sku.product.title},
        "sku": {
            "id": row.sku.reference,
            "spec": row.sku.spec,
            "price_fen": row.sku.price_fen,
        },
        **{name: getattr(row, name) for name in shown},
        "activity": row.activity and row.activity.reference,
        "submitted_at": row.submitted_at,
        "decided_at": row.decided_at,
        "allowed_actions": [
            action for action in ENROLMENT.actions_in(row.state) if action != "suspend"
        ],
    }


def outcome(one: Outcome) -> dict[str, Any]:
    """Return what became of one enrolment of many."""
    return {
        "id": one.reference,
        "state": one.enrolment and one.enrolment.state,
        "refusal": one.refusal
        and {"code": one.refusal.code, "detail": str(sentence_of(one.refusal))},
    }
