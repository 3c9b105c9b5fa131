"""What is said about shops."""

from typing import Any

from rest_framework import serializers

from core.accounts.sealing import MASK, mask_name, mask_phone
from core.uploads import addresses
from shops.storefronts.domain.licensing import ChecklistItem
from shops.storefronts.domain.states import SHOP
from shops.storefronts.models import Licence, Shop, ShopMember

SHOWN_DIGITS = 4


class PublicShopOutput(serializers.Serializer[Any]):
    """A shop, as buyers see it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    intro = serializers.CharField()
    fulfilment = serializers.CharField()
    opened_at = serializers.DateTimeField()


class ShopOutput(PublicShopOutput):
    """A shop, as its members and reviewers see it."""

    state = serializers.CharField()
    commission_bp = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField(help_text="What the reviewer said last.")
    allowed_actions = serializers.ListField(child=serializers.CharField())


class LabelOutput(serializers.Serializer[Any]):
    """A sentence in both languages."""

    en = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "zh-Hans": serializers.CharField()}


class ChecklistItemOutput(serializers.Serializer[Any]):
    """One thing a shop needs."""

    code = serializers.CharField()
    is_done = serializers.BooleanField()
    label = LabelOutput()  # type: ignore[assignment]


class ChecklistOutput(serializers.Serializer[Any]):
    """What a shop needs before it can open."""

    is_complete = serializers.BooleanField()
    items = ChecklistItemOutput(many=True)


class LicenceOutput(serializers.Serializer[Any]):
    """A paper of a shop."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    number = serializers.CharField(help_text="Masked for everybody but reviewers.")
    state = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    url = serializers.CharField(allow_blank=True, help_text="Readable for five minutes.")


class ReviewedLicenceOutput(LicenceOutput):
    """A paper, as reviewers see it."""

    is_number_elsewhere = serializers.BooleanField(help_text="Another shop has the same number.")


class MemberOutput(serializers.Serializer[Any]):
    """Somebody who works in a shop."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Masked for everybody but reviewers.")
    phone = serializers.CharField(help_text="Masked.")
    role = serializers.CharField()
    joined_at = serializers.DateTimeField()


class ReviewedShopOutput(ShopOutput):
    """A shop with all that a reviewer decides by."""

    licences = ReviewedLicenceOutput(many=True)
    members = MemberOutput(many=True)


def public_shop(shop: Shop, names: dict[str, str]) -> dict[str, Any]:
    """Return a shop as buyers see it."""
    return {
        "id": shop.reference,
        "slug": shop.slug,
        "name": shop.name,
        "kind": shop.kind,
        "region": shop.region,
        "region_name": names.get(shop.region, ""),
        "intro": shop.intro,
        "fulfilment": shop.fulfilment,
        "opened_at": shop.opened_at,
    }


def own_shop(shop: Shop, names: dict[str, str]) -> dict[str, Any]:
    """Return a shop as its members and reviewers see it."""
    return public_shop(shop, names) | {
        "state": shop.state,
        "commission_bp": shop.commission_bp,
        "created_at": shop.created_at,
        "submitted_at": shop.submitted_at,
        "decision_reason": shop.decision_reason,
        "allowed_actions": SHOP.actions_in(shop.state),
    }


def checklist(items: list[ChecklistItem]) -> dict[str, Any]:
    """Return what a shop needs, and whether it is all there."""
    return {
        "is_complete": all(item.is_done for item in items),
        "items": [item.said() for item in items],
    }


def licence(paper: Licence) -> dict[str, Any]:
    """Return a paper as the shop's members see it: whose number it is need not be read by all."""
    tail = paper.number[-SHOWN_DIGITS:] if len(paper.number) > SHOWN_DIGITS else ""
    return {
        "id": paper.reference,
        "kind": paper.kind,
        "number": f"{MASK}{tail}" if paper.number else "",
        "state": paper.state,
        "valid_from": paper.valid_from,
        "valid_until": paper.valid_until,
        "url": addresses.url_of(paper.upload) if paper.upload else "",
    }


def reviewed_licence(paper: Any) -> dict[str, Any]:
    """Return a paper as a reviewer compares it with its picture."""
    return licence(paper) | {
        "number": paper.number,
        "is_number_elsewhere": paper.is_number_elsewhere,
    }


def member(one: ShopMember) -> dict[str, Any]:
    """Return somebody who works in a shop; a phone alone must not tell whose it is."""
    return {
        "id": one.user.reference,
        "name": mask_name(one.user.name),
        "phone": mask_phone(one.user.phone or ""),
        "role": one.role,
        "joined_at": one.joined_at,
    }


def reviewed_member(one: ShopMember) -> dict[str, Any]:
    """Return somebody who works in a shop, as a reviewer compares them with the papers."""
    return member(one) | {"name": one.user.name}
