"""A shop's freight templates, for the people who work in it."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.http.etags import check_match, conditional
from core.http.forms import CodeField, CountField, FenField, Form, TextField, WholeNumberField
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from core.transactions import entry
from logistics.freight.domain.promising import PROMISE_HOURS
from logistics.freight.domain.tariff import ChargeBy, FreeRule, Mode, Rule, Tariff
from logistics.freight.selectors import templates as shown
from logistics.freight.services import templates
from shops.storefronts.selectors import access

# Grams or pieces: a unit of 100 kg is as large as a parcel gets.
UNIT_MAX = 100_000
HOURS_MAX = 8_760


class RegionsField(serializers.ListField):
    """Codes of provinces, prefectures or counties."""

    def __init__(self, **kwargs: Any) -> None:
        code = TextField(min_length=6, max_length=6)
        super().__init__(**{"child": code, "max_length": 1_000, "required": False, **kwargs})


class RuleForm(Form):
    """Fees in some regions; without regions the default."""

    regions = RegionsField(default=list)
    first_unit = CountField(max_value=UNIT_MAX)
    first_fee_fen = FenField()
    add_unit = CountField(max_value=UNIT_MAX)
    add_fee_fen = FenField()


class FreeRuleForm(Form):
    """Conditions that make shipping free; all that are set must hold."""

    regions = RegionsField(default=list)
    min_pieces = CountField(required=False, allow_null=True, default=None)
    min_weight_g = WholeNumberField(
        min_value=1, max_value=10_000_000, required=False, allow_null=True, default=None
    )
    min_amount_fen = FenField(min_value=1, required=False, allow_null=True, default=None)


class TemplateForm(Form):
    """A freight template."""

    name = TextField(max_length=40)
    charge_by = CodeField(ChargeBy.choices)
    mode = CodeField(Mode.choices)
    rules = serializers.ListField(child=RuleForm(), max_length=100, required=False)
    free_rules = serializers.ListField(child=FreeRuleForm(), max_length=100, required=False)
    no_ship_regions = RegionsField()
    promise_hours = CountField(max_value=HOURS_MAX, required=False)


class RuleOutput(serializers.Serializer):
    """Fees in some regions."""

    regions = serializers.ListField(child=serializers.CharField())
    first_unit = serializers.IntegerField()
    first_fee_fen = serializers.IntegerField()
    add_unit = serializers.IntegerField()
    add_fee_fen = serializers.IntegerField()


class FreeRuleOutput(serializers.Serializer):
    """Conditions that make shipping free."""

    regions = serializers.ListField(child=serializers.CharField())
    min_pieces = serializers.IntegerField(allow_null=True)
    min_weight_g = serializers.IntegerField(allow_null=True)
    min_amount_fen = serializers.IntegerField(allow_null=True)


class TemplateOutput(serializers.Serializer):
    """A freight template."""

    id = serializers.UUIDField(source="reference")
    name = serializers.CharField()
    charge_by = serializers.ChoiceField(ChargeBy.choices)
    mode = serializers.ChoiceField(Mode.choices)
    rules = RuleOutput(many=True)
    free_rules = FreeRuleOutput(many=True)
    no_ship_regions = serializers.ListField(child=serializers.CharField())
    promise_hours = serializers.IntegerField()
    version = serializers.IntegerField()


class Templates(APIView):
    """The templates of a shop."""

    @operation(
        summary="The shop's freight templates",
        response=TemplateOutput,
        refusals=(ScopeForbidden,),
        paged=True,
        acting_for=(Scope.SHIP,),
    )
    def get(self, request: Request, shop: str) -> Response:
        seller = seller_of(actor_of(request))
        found = shown.of_shop(access.shop_of_member(seller, shop).pk)
        return paged(request, found, ordering=("-id",), render=_shown)

    @operation(
        summary="Write down a freight template",
        request=TemplateForm,
        response=TemplateOutput,
        status=201,
        refusals=(templates.TemplateNameTaken, ScopeForbidden),
        idempotency="optional",
        acting_for=(Scope.SHIP,),
    )
    def post(self, request: Request, shop: str) -> Response:
        seller = seller_of(actor_of(request))
        draft = _draft({"rules": [], "free_rules": [], **TemplateForm.read(request)})
        shop_id = access.shop_of_member(seller, shop).pk
        now = timezone.now()
        return once(
            request,
            lambda: templates.create(shop_id, draft, now=now),
            lambda template_id: _shown(shown.of_shop(shop_id).get(pk=template_id)),
            required=False,
        )


class Template(APIView):
    """One template."""

    @operation(
        summary="One freight template",
        response=TemplateOutput,
        refusals=(ScopeForbidden,),
        etag=True,
        acting_for=(Scope.SHIP,),
    )
    def get(self, request: Request, template: str) -> Response:
        found = shown.of_member(seller_of(actor_of(request)), template)
        return conditional(request, _shown(found), version=found.version)

    @operation(
        summary="Change a freight template; lists replace what was there",
        request=TemplateForm,
        response=TemplateOutput,
        refusals=(templates.TemplateNameTaken, templates.TemplateChanged, ScopeForbidden),
        if_match=True,
        acting_for=(Scope.SHIP,),
    )
    def patch(self, request: Request, template: str) -> Response:
        seller = seller_of(actor_of(request))
        found = shown.of_member(seller, template)
        check_match(request, found.version)
        draft = _draft({**_as_form(_shown(found)), **TemplateForm.read(request, partial=True)})
        entry(templates.edit)(found, draft, now=timezone.now())
        changed = shown.of_member(seller, template)
        return conditional(request, _shown(changed), version=changed.version)


def _shown(template: Any) -> dict[str, Any]:
    return dict(TemplateOutput(template).data)


def _as_form(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("id", "version")}


def _draft(values: dict[str, Any]) -> templates.Draft:
    return templates.Draft(
        name=values["name"],
        promise_hours=values.get("promise_hours", PROMISE_HOURS),
        tariff=Tariff(
            charge_by=ChargeBy(values["charge_by"]),
            mode=Mode(values["mode"]),
            rules=tuple(
                Rule(**{**rule, "regions": frozenset(rule["regions"])}) for rule in values["rules"]
            ),
            free_rules=tuple(
                FreeRule(**{**rule, "regions": frozenset(rule["regions"])})
                for rule in values["free_rules"]
            ),
            no_ship_regions=frozenset(values.get("no_ship_regions", ())),
        ),
    )
