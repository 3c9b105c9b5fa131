"""`POST /quotes`."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import ScopeForbidden, actor_of, seller_of
from core.accounts.domain.roles import Scope
from core.accounts.selectors import addresses
from core.errors import DomainError, InvalidInput, NotFound
from core.http import examples
from core.http.problems import sentence_of
from core.http.schema import operation
from orders.placement.api.forms import QuoteForm, wanted_of
from orders.placement.api.outputs import QuoteOutput
from orders.placement.selectors import quotes, shown


class Quotes(APIView):
    """What things would cost."""

    @operation(
        summary="Price goods, sent to a place, with coupons",
        request=QuoteForm,
        example=examples.QUOTE,
        response=QuoteOutput,
        refusals=(InvalidInput, NotFound, ScopeForbidden),
        acting_for=(Scope.BUY,),
    )
    def post(self, request: Request) -> Response:
        form = QuoteForm.read(request)
        buyer_id = seller_of(actor_of(request))
        quote = quotes.quote(
            buyer_id=buyer_id,
            wanted=wanted_of(form["lines"]),
            region=form.get("region") or _region(buyer_id, form),
            coupons=quotes.Coupons(form["coupons"], form["best_coupons"]),
            now=timezone.now(),
            activity=form.get("activity"),
        )
        problems = [problem_of(problem) for problem in quote.problems]
        not_used = [problem_of(reason) for reason in quote.not_used]
        return Response(shown.price_of(quote) | {"not_used": not_used, "problems": problems})


def problem_of(problem: DomainError) -> dict[str, Any]:
    """Return what a quote says about something that cannot be ordered like this."""
    return problem.facts | {"code": problem.code, "detail": sentence_of(problem)}


def _region(buyer_id: int, form: dict[str, Any]) -> str:
    return addresses.region_of(buyer_id, form["address"])
