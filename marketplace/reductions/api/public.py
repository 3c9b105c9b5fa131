"""What a shop takes off now, for whoever looks at it or at one of its products."""

from typing import Any

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http.etags import conditional
from core.http.paging import Keyset
from core.http.schema import operation
from marketplace.reductions.api import outputs
from marketplace.reductions.api.forms import ReductionsQuery
from marketplace.reductions.selectors import shown
from shops.storefronts.selectors import shops

_NEWEST = Keyset(("-id",))


class ShopReductions(APIView):
    """The full reductions of a shop that run now."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @operation(
        summary="List what a shop takes off now, or takes off one of its products",
        query=ReductionsQuery,
        response=outputs.OfferedReductionOutput,
        paged=True,
        etag=True,
        refusals=(NotFound,),
    )
    def get(self, request: Request, slug: str) -> Response:
        query = ReductionsQuery.read_query(request)
        rows = shown.running(shops.public(slug).pk, timezone.now(), product=query.get("product"))
        position = _NEWEST.position(request)
        page = _NEWEST.page_of(rows, position)
        return conditional(request, _NEWEST.payload(request, position, page, render=shown.offered))
