"""A few addresses of their own for the tests of the interface: nothing of the market is needed."""

from types import SimpleNamespace

from django.urls import include, path, re_path
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from core.audit.actors import SYSTEM
from core.audit.advancing import log_birth
from core.audit.models import StateLog
from core.errors import DomainError
from core.http import forms, pages, problems
from core.http.etags import check_match, conditional
from core.http.idempotency import once
from core.http.limits import Limit
from core.http.paging import paged
from core.http.schema import operation
from core.states import Machine

DEED = Machine("deed", {("OPEN", "close"): "CLOSED"})


class Unripe(DomainError):
    """It is not ripe yet."""

    code = "UNRIPE"
    zh = "还没有熟。"


class ByNumber(BaseAuthentication):
    """Believe the number in a header."""

    def authenticate(self, request):
        number = request.headers.get("Person")
        if number is None:
            return None
        if number == "0":
            raise exceptions.AuthenticationFailed
        return SimpleNamespace(pk=int(number), is_authenticated=True), None

    def authenticate_header(self, request):
        return "Bearer"


class LineForm(forms.Form):
    sku = forms.ReferenceField()
    quantity = forms.CountField(max_value=99)


class WideForm(forms.Form):
    price_fen = forms.FenField()
    weight_g = forms.GramField(required=False)
    name = forms.TextField(max_length=10)
    story = forms.TextField(multiline=True, max_length=1_000, required=False, allow_blank=True)
    is_open = forms.FlagField(required=False)
    kind = forms.CodeField(choices=["RAW", "COOKED"], required=False)
    from_at = forms.InstantField(required=False)
    until_at = forms.InstantField(required=False)
    picked_on = forms.DayField(required=False)
    lines = LineForm(many=True, required=False, max_length=3)
    tags = serializers.ListField(child=forms.TextField(max_length=5), required=False)

    def validate(self, attrs):
        forms.forward(attrs, "from_at", "until_at")
        return attrs


class WideQuery(forms.Form):
    search = forms.TextField(required=False)
    min_price_fen = forms.FenField(required=False)
    is_open = forms.FlagField(required=False)
    shops = serializers.ListField(child=forms.ReferenceField(), required=False)


class Open(APIView):
    authentication_classes = [ByNumber]
    permission_classes = [AllowAny]


class Wide(Open):
    @operation(summary="Read a form", request=WideForm, response=serializers.DictField())
    def post(self, request):
        return Response(WideForm.read(request))

    @operation(summary="Change", request=WideForm, response=serializers.DictField())
    def patch(self, request):
        return Response(WideForm.read(request, partial=True))

    @operation(summary="Read a query", query=WideQuery, response=serializers.DictField())
    def get(self, request):
        return Response(WideQuery.read_query(request))


class Deeds(Open):
    """What happens while a deed is done is left to the test."""

    inside = staticmethod(lambda: None)

    def post(self, request):
        number = request.data.get("number", 0)

        def work():
            log_birth(DEED, [number], "OPEN", actor=SYSTEM, now=timezone.now())
            type(self).inside()
            if number < 0:
                raise Unripe(number=number)
            return StateLog.objects.filter(subject="deed").count()

        return once(request, work, lambda count: {"number": number, "count": count})


class LeisurelyDeeds(Open):
    def post(self, request):
        return once(request, lambda: 1, lambda done: {"done": done}, 200, required=False)


class Tagged(Open):
    version = 3

    def get(self, request):
        return conditional(request, {"name": "茶"}, version=self.version)

    def patch(self, request):
        check_match(request, self.version)
        return Response({"version": self.version})


class Listed(Open):
    ordering = ("-from_state", "subject_id", "-id")

    def get(self, request):
        rows = StateLog.objects.filter(subject="deed")
        return paged(
            request,
            rows,
            ordering=self.ordering,
            render=lambda row: {"n": row.subject_id, "s": row.from_state},
            page_size=2,
        )


class Guarded(APIView):
    authentication_classes = [ByNumber]
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"person": request.user.pk})


class Refusing(Open):
    def get(self, request):
        kinds = {
            "unripe": Unripe("Two more days.", days=2),
            "denied": exceptions.PermissionDenied(),
            "throttled": exceptions.Throttled(7),
            "broken": ZeroDivisionError("a bug"),
        }
        raise kinds[request.query_params["kind"]]


class Rare(Open):
    rate = Limit("tests-rare", 2, per_s=60)

    def get(self, request):
        return Response({})


def gone_wrong(request):
    raise ZeroDivisionError("a bug")


urlpatterns = [
    path("problems/<slug:slug>", pages.problem_page),
    path("api/v1/wide", Wide.as_view()),
    path("api/v1/deeds", Deeds.as_view()),
    path("api/v1/leisurely-deeds", LeisurelyDeeds.as_view()),
    path("api/v1/tagged", Tagged.as_view()),
    path("api/v1/listed", Listed.as_view()),
    path("api/v1/guarded", Guarded.as_view()),
    path("api/v1/refusing", Refusing.as_view()),
    path("api/v1/rare", Rare.as_view()),
    path("api/v1/broken", gone_wrong),
    path("api/v1/", include("core.http.api.urls")),
    re_path(r"^api/", problems.unknown_address),
]

handler400 = problems.on_bad_request
handler403 = problems.on_forbidden
handler404 = problems.on_not_found
handler500 = problems.on_server_fault
